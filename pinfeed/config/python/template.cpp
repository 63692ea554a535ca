// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 4.1.
#include "pinfeed/config/python/template.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

#include "pinfeed/config/python/characters.h"
#include "pinfeed/core/text.h"

namespace pinfeed::python {
namespace {

std::string_view without_blanks(std::string_view text) { return trimmed(text, " \t"); }

std::string_view word_at(std::string_view text, bool dots) {
  std::size_t end = 0;
  while (end < text.size() && (continues_name(text[end]) || (dots && text[end] == '.'))) ++end;
  return text.substr(0, end);
}

std::optional<std::string> file_variable(std::string_view name, const std::string& file) {
  std::error_code code;
  const auto path = std::filesystem::absolute(file, code).lexically_normal();
  if (name == "fileDirname") return path.parent_path().generic_string();
  if (name == "fileBasename") return path.filename().generic_string();
  if (name == "fileBasenameNoExtension") return path.stem().generic_string();
  if (name == "fileExtname") return path.extension().generic_string();
  return std::nullopt;
}

// "$NAME:default", perhaps in quotes.
std::optional<Template> environment_variable(std::string_view inside) {
  const auto is_quote = [](char c) { return c == '\'' || c == '"'; };
  if (!inside.empty() && is_quote(inside.front())) inside.remove_prefix(1);
  if (!inside.empty() && is_quote(inside.back())) inside.remove_suffix(1);
  inside = without_blanks(inside);
  if (!inside.starts_with('$')) return std::nullopt;
  const std::string name(word_at(inside.substr(1), false));
  std::string_view rest = without_blanks(inside.substr(1 + name.size()));
  if (name.empty() || !rest.starts_with(':')) return std::nullopt;
  rest = without_blanks(rest.substr(1));
  if (rest.find_first_of(" \t") != std::string_view::npos) return std::nullopt;
  const char* set = std::getenv(name.c_str());
  Template found{.text = set != nullptr ? set : std::string(rest)};
  if (found.text.empty()) found.missing = name;
  return found;
}

std::optional<Template> meaning_of(std::string_view inside, const std::string& file) {
  const std::string_view name = without_blanks(inside);
  constexpr std::string_view base = "_base_.";
  if (name.starts_with(base) && name.size() > base.size() && word_at(name, true) == name) {
    return Template{.base_path = std::string(name.substr(base.size()))};
  }
  if (const auto text = file_variable(name, file)) return Template{.text = *text};
  return environment_variable(inside);
}

}  // namespace

std::optional<Template> template_at(std::string_view rest, const std::string& file) {
  if (!rest.starts_with("{{")) return std::nullopt;
  const std::size_t line = std::min(rest.find('\n'), rest.size());
  const std::size_t close = rest.substr(0, line).find("}}");
  if (close == std::string_view::npos) return std::nullopt;
  std::optional<Template> found = meaning_of(rest.substr(2, close - 2), file);
  if (found) found->bytes = close + 2;
  return found;
}

Error missing_variable(const std::string& name) {
  return Error(ErrorKind::config, fmt::format("the environment variable '{}' is not set", name))
      .help(fmt::format("set it, or give a default: {{{{${}:default}}}}", name));
}

Error missing_base_value(const std::string& name) {
  return Error(ErrorKind::config, fmt::format("the bases have no '{}'", name))
      .help("`pinfeed config BASE` prints the keys of a base");
}

std::string without_templates(std::string_view text, const std::string& file) {
  std::string all;
  while (!text.empty()) {
    const auto found = text.starts_with("{{") ? template_at(text, file) : std::nullopt;
    if (found && !found->missing.empty()) throw missing_variable(found->missing);
    const bool replaced = found && found->base_path.empty();
    if (replaced) all += found->text;
    if (!replaced) all += text.front();
    text.remove_prefix(replaced ? found->bytes : 1);
  }
  return all;
}

}  // namespace pinfeed::python
