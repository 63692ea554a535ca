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

class ListReader {
 public:
  explicit ListReader(const SourceSpan& span) : span_(span) {}

  Value value(std::string_view raw, int depth) const {
    if (depth > python::max_depth) {
      throw python::nesting_error("the value is");
    }
    const std::string text = bare(raw);
    const bool tuple = enclosed(text, '(', ')');
    if (!tuple && !enclosed(text, '[', ']')) {
      if (text.find(',') == std::string::npos) return scalar(text).set_span(span_);
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
