// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 4.5.
#include "pinfeed/config/option_value.h"

#include <fmt/format.h>

#include <algorithm>

#include "pinfeed/config/python/lexer.h"
#include "pinfeed/config/python/parse_number.h"
#include "pinfeed/core/text.h"

namespace pinfeed {
namespace {

// Quotes around it and all blanks go.
std::string bare(std::string_view text) {
  const std::size_t first = text.find_first_not_of("'\"");
  if (first == std::string_view::npos) return "";
  std::string clean(text.substr(first, text.find_last_not_of("'\"") - first + 1));
  std::erase(clean, ' ');
  return clean;
}

Value scalar(const std::string& text) {
  if (const auto value = parse_int(text)) return *value;
  if (const auto value = parse_float(text)) return *value;
  const std::string lower = lower_case(text);
  if (lower == "true" || lower == "false") return lower == "true";
  if (text == "None") return {};
  return text;
}

bool enclosed(const std::string& text, char open, char close) {
  return text.size() >= 2 && text.front() == open && text.back() == close;
}

bool is_dict_text(const std::string& text) {
  const bool in_braces = enclosed(text, '{', '}') && text.find(',') != std::string::npos;
  return (text.starts_with("dict(") && text.ends_with(')')) || in_braces;
}

// "a.b.x=1 a.b.y=2" for the text dict(x=1,y=2) or {'x':1,'y':2} of the option a.b.
std::string options_of_keys(const std::string& text, const SourceSpan& span) {
  const std::string option = span.known() ? span.source->text : "key=";
  const std::string key = option.substr(0, option.find('='));
  const std::size_t begin = text.front() == '{' ? 1 : 5;
  std::string inside = text.substr(begin, text.size() - begin - 1);
  std::string all;
  int depth = 0;
  std::string item;
  inside += ',';
  for (const char c : inside) {
    depth += (c == '(' || c == '[' || c == '{') ? 1 : (c == ')' || c == ']' || c == '}') ? -1 : 0;
    if (c != ',' || depth != 0) {
      item += c == ':' && depth == 0 && item.find('=') == std::string::npos ? '=' : c;
      continue;
    }
    std::erase_if(item, [](char quote) { return quote == '\'' || quote == '"'; });
    if (!item.empty()) all += (all.empty() ? "" : " ") + key + "." + item;
    item.clear();
  }
  return all;
}

// DictAction of OpenMMLab has no dict either: each key is an option of its own.
[[noreturn]] void throw_dict_error(const std::string& text, const SourceSpan& span) {
  const std::string options = options_of_keys(text, span);
  throw Error(ErrorKind::config, "a value of --cfg-options cannot be a dict: " + text)
      .help("set each key: " + (options.empty() ? "key.name=value" : options));
}

class ListReader {
 public:
  explicit ListReader(const SourceSpan& span) : span_(span) {}

  Value value(std::string_view raw, int depth) const {
    if (depth > python::max_depth) {
      throw python::nesting_error("the value is");
    }
    const std::string text = bare(raw);
    if (is_dict_text(text)) throw_dict_error(text, span_);
    const bool tuple = enclosed(text, '(', ')');
    if (!tuple && !enclosed(text, '[', ']')) {
      if (text.find(',') == std::string::npos) return scalar(text).set_span(span_);
      if (next_comma(text) == text.size()) {
        throw Error(ErrorKind::config, fmt::format("'{}' is no value of --cfg-options", text))
            .help("a value is a number, a str, True, False, None, or a list such as [1,2]");
      }
      return Value(List{items(text, depth)}).set_span(span_);
    }
    std::vector<Value> inside = items(std::string_view(text).substr(1, text.size() - 2), depth);
    Value whole = tuple ? Value(Tuple{std::move(inside)}) : Value(List{std::move(inside)});
    return whole.set_span(span_);
  }

 private:
  std::vector<Value> items(std::string_view text, int depth) const {
    std::vector<Value> all;
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t comma = next_comma(rest);
      all.push_back(value(rest.substr(0, comma), depth + 1));
      rest.remove_prefix(std::min(rest.size(), comma + 1));
    }
    return all;
  }

  // The first comma outside brackets, or the end.
  static std::size_t next_comma(std::string_view text) {
    int round = 0;
    int square = 0;
    std::size_t comma = text.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (c == ',' && round == 0 && square == 0) comma = std::min(comma, i);
      round += c == '(' ? 1 : c == ')' ? -1 : 0;
      square += c == '[' ? 1 : c == ']' ? -1 : 0;
      if (round < 0 || square < 0) break;
    }
    if (round == 0 && square == 0) return comma;
    throw Error(ErrorKind::config, fmt::format("the brackets of '{}' do not match", text))
        .help("write a list of lists as [[1,2],[3,4]]");
  }

  const SourceSpan& span_;
};

}  // namespace

Value option_value(const std::string& text, const SourceSpan& span) {
  try {
    return ListReader(span).value(text, 0);
  } catch (Error& error) {
    throw error.at(span);
  }
}

}  // namespace pinfeed
