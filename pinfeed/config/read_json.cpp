// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 4.6.
#include "pinfeed/config/read_json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <limits>

#include "pinfeed/config/python/characters.h"
#include "pinfeed/config/python/lexer.h"
#include "pinfeed/config/python/numbers.h"
#include "pinfeed/config/python/template.h"
#include "pinfeed/config/value/dict_builder.h"

namespace pinfeed {
namespace {

namespace ondemand = simdjson::ondemand;

// Converts byte offsets to lines and columns. Ascending offsets cost one pass over the text.
class LocationTracker {
 public:
  explicit LocationTracker(std::shared_ptr<const SourceText> source) : source_(std::move(source)) {}

  SourceSpan at(std::size_t offset, int length) {
    const std::string& text = source_->text;
    if (offset < offset_) {
      offset_ = 0;
      line_ = column_ = 1;
    }
    for (; offset_ < offset && offset_ < text.size(); ++offset_) {
      if (text[offset_] == '\n') {
        ++line_;
        column_ = 1;
      } else if (!is_continuation(text[offset_])) {
        ++column_;
      }
    }
    return {source_, line_, column_, std::max(1, length)};
  }

 private:
  std::shared_ptr<const SourceText> source_;
  std::size_t offset_ = 0;
  int line_ = 1;
  int column_ = 1;
};

class JsonReader {
 public:
  JsonReader(const std::shared_ptr<const SourceText>& source, const simdjson::padded_string& text)
      : text_(text), locations_(source) {}

  Dict root() {
    const std::size_t first = std::string_view(text_).find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || text_.data()[first] != '{') {
      throw Error(ErrorKind::config, "a JSON config must be an object").at(locations_.at(0, 1));
    }
    ondemand::parser parser;
    ondemand::document document = parser.iterate(text_);
    Dict dict = members(document.get_object(), 0);
    if (const char* more = nullptr; document.current_location().get(more) == simdjson::SUCCESS) {
      throw Error(ErrorKind::config, "there is text after the JSON object").at(span(more, 1));
    }
    return dict;
  }

  SourceSpan last_location() { return locations_.at(last_, 1); }

 private:
  SourceSpan span(const char* where, int length) {
    last_ = static_cast<std::size_t>(where - text_.data());
    return locations_.at(last_, length);
  }

  Dict members(ondemand::object object, int depth) {
    DictBuilder dict;
    for (ondemand::field field : object) {
      const char* written = ondemand::raw_json_string(field.key()).raw();
      std::string key(std::string_view(field.unescaped_key()));
      const SourceSpan key_span = span(written - 1, python::count_characters(key) + 2);
      dict.set({std::move(key)}, value(field.value(), depth + 1), key_span);
    }
    return dict.build();
  }

  Value value(ondemand::value json, int depth) {
    if (depth > python::max_depth) {
      throw python::nesting_error("the value is").at(last_location());
    }
    const std::string_view token = json.raw_json_token();
    const std::string_view word = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
    const SourceSpan where = span(token.data(), python::count_characters(word));
    return converted(json, word, where, depth).set_span(where);
  }

  Value converted(ondemand::value json, std::string_view token, const SourceSpan& where,
                  int depth) {
    switch (json.type()) {
      case ondemand::json_type::array: return items(json.get_array(), depth);
      case ondemand::json_type::object: return members(json.get_object(), depth);
      case ondemand::json_type::string: return string(json.get_string(), token, where);
      case ondemand::json_type::boolean: return bool(json.get_bool());
      case ondemand::json_type::null:
        if (!json.is_null())
          throw Error(ErrorKind::config, fmt::format("'{}' is not valid JSON", token)).at(where);
        return {};
      case ondemand::json_type::number: break;
    }
    if (token.find_first_of(".eE") != std::string_view::npos) return double(json.get_double());
    std::int64_t number = 0;
    if (json.get_int64().get(number) == simdjson::SUCCESS) return number;
    throw python::integer_overflow(python::integer_text(token)).at(where);
  }

  // A template counts only as it is written in the file: an escaped brace does not start one.
  std::string string(std::string_view text, std::string_view written,
                     const SourceSpan& where) const {
    if (written.find("{{") == std::string_view::npos) return std::string(text);
    try {
      return python::without_templates(text, where.source->name);
    } catch (Error& error) {
      throw error.at(where);
    }
  }

  List items(ondemand::array array, int depth) {
    List list;
    for (ondemand::value item : array) list.items.push_back(value(item, depth + 1));
    return list;
  }

  const simdjson::padded_string& text_;
  LocationTracker locations_;
  std::size_t last_ = 0;
};

}  // namespace

Dict read_json(const std::shared_ptr<const SourceText>& source) {
  const simdjson::padded_string text(source->text);
  JsonReader reader(source, text);
  try {
    return reader.root();
  } catch (const simdjson::simdjson_error& error) {
    throw Error(ErrorKind::config, fmt::format("invalid JSON: {}", error.what()))
        .at(reader.last_location());
  }
}

}  // namespace pinfeed
