// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "pinfeed/core/file.h"
#include "pinfeed/core/utf8.h"

namespace pinfeed {
namespace {

constexpr std::uintmax_t largest_file = std::uintmax_t{16} << 20;

std::string with_line_feeds(const std::string& text) {
  if (text.find('\r') == std::string::npos) return text;
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (!pair) clean += text[i] == '\r' ? '\n' : text[i];
  }
  return clean;
}

void check_utf8(const std::shared_ptr<const SourceText>& source) {
  const std::size_t at = invalid_utf8(source->text);
  if (at == std::string::npos) return;
  const auto line =
      std::count(source->text.begin(), source->text.begin() + static_cast<long>(at), '\n');
  throw Error(ErrorKind::config,
              fmt::format("{} is not UTF-8: byte 0x{:02X} in line {}", source->name,
                          static_cast<unsigned char>(source->text[at]), line + 1));
}

void check_file(const std::string& path, const std::string& name, const SourceSpan& from) {
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (status.type() == std::filesystem::file_type::none) return;  // reading tells the reason
  if (!std::filesystem::exists(status)) {
    throw Error(ErrorKind::config, fmt::format("there is no file '{}'", name)).at(from);
  }
  if (!std::filesystem::is_regular_file(status)) {
    throw Error(ErrorKind::config, fmt::format("'{}' is not a regular file", name)).at(from);
  }
  const std::uintmax_t size = std::filesystem::file_size(path, code);
  if (code || size <= largest_file) return;
  throw Error(ErrorKind::config,
              fmt::format("'{}' has {} bytes; a config has at most {}", name, size, largest_file))
      .at(from);
}

}  // namespace

std::shared_ptr<const SourceText> load_source(const std::string& path, const std::string& name,
                                              const SourceSpan& from) {
  check_file(path, name, from);
  std::string text;
  try {
    text = read_regular_text(path, ErrorKind::config);
  } catch (Error& error) {
    throw error.at(from);
  }
  return make_source(std::move(text), name);
}

std::shared_ptr<const SourceText> make_source(std::string text, std::string name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  auto source =
      std::make_shared<const SourceText>(SourceText{std::move(name), with_line_feeds(text)});
  check_utf8(source);
  return source;
}

}  // namespace pinfeed
