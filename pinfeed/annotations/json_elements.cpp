// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/annotations/json_elements.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "pinfeed/core/json_text.h"
#include "pinfeed/core/utf8.h"

namespace pinfeed {
namespace {

bool is_empty_container(std::string_view container) {
  return container.find_first_not_of(" \t\r\n", 1) == container.size() - 1;
}

// simdjson's raw text of a value ends at the next token: it includes the white space before that.
std::string_view without_space_after(std::string_view raw) {
  return raw.substr(0, raw.find_last_not_of(" \t\r\n") + 1);
}

// The digits of an integer token of any size, without the sign of a negative zero; empty for other
// tokens.
std::string_view integer_digits(std::string_view token) {
  const std::string_view digits = token.substr(token.starts_with('-') ? 1 : 0);
  const bool all =
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return all && !digits.empty() ? token : std::string_view();
}

}  // namespace

std::string shown(JsonValue value) {
  constexpr std::size_t limit = 60;
  std::string_view token = without_space_after(value.raw_json_token());
  if (token.starts_with('[')) return "a list";
  if (token.starts_with('{')) return "a dict";
  const bool cut = token.size() > limit;
  if (cut) token = token.substr(0, limit);
  std::string text;
  for (const char c : token) text += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
  while (cut && !text.empty() && invalid_utf8(text) != std::string_view::npos) text.pop_back();
  return cut ? text + "..." : text;
}

std::string quoted(std::string_view key) {
  std::string text("'");
  text += key;
  text += '\'';
  return text;
}

std::string article_of(char first) {
  return std::string_view("aeio").find(first) == std::string_view::npos ? "a " : "an ";
}

std::string with_article(std::string_view key) { return article_of(key.front()) + quoted(key); }

std::int64_t integer(JsonValue value, std::string_view key, const ElementName& name) {
  std::int64_t number = 0;
  if (value.get_int64().get(number) == simdjson::SUCCESS) return number;
  double real = 0.0;
  const bool whole = value.get_double().get(real) == simdjson::SUCCESS &&
                     std::floor(real) == real && std::fabs(real) < 9e15;
  if (whole) return static_cast<std::int64_t>(real);
  const bool large = !integer_digits(without_space_after(value.raw_json_token())).empty();
  name.fail(
      "has " + with_article(key) + " of " + shown(value) +
      (large ? ", which is outside the range of 64-bit integers" : "; it must be an integer"));
}

std::int64_t record_id(JsonValue value, std::string_view key, const ElementName& name) {
  std::int64_t number = 0;
  if (value.get_int64().get(number) == simdjson::SUCCESS) {
    return is_reserved_id(number) ? digits_id(std::to_string(number)) : number;
  }
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) return text_id(text);
  const std::string_view digits = integer_digits(without_space_after(value.raw_json_token()));
  if (!digits.empty()) return digits_id(digits);
  double real = 0.0;
  const bool whole = value.get_double().get(real) == simdjson::SUCCESS &&
                     std::floor(real) == real && std::fabs(real) < 9e15;
  if (whole) return static_cast<std::int64_t>(real);
  name.fail("has " + with_article(key) + " of " + shown(value) +
            "; it must be an integer or a text");
}

int side(JsonValue value, std::string_view key, const ElementName& name) {
  const std::int64_t pixels = integer(value, key, name);
  if (pixels < 0 || pixels > std::numeric_limits<int>::max()) {
    name.fail("has " + with_article(key) + " of " + std::to_string(pixels) +
              "; it must be from 0 to 2147483647");
  }
  return static_cast<int>(pixels);
}

// simdjson rejects NaN and Infinity, which Python's json module writes. The error names them.
double number(JsonValue value, std::string_view what, const ElementName& name) {
  double real = 0.0;
  const bool read = value.get_double().get(real) == simdjson::SUCCESS;
  if (read && std::isfinite(real)) return real;
  const char first = what.front() == '\'' ? what[1] : what.front();
  const std::string has = "has " + article_of(first) + std::string(what) + " of ";
  const std::string_view token = value.raw_json_token();
  for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
    if (token.starts_with(word)) name.fail(has + std::string(word));
  }
  name.fail(has + shown(value) + "; it must be a number");
}

bool truthy(JsonValue value, std::string_view key, const ElementName& name) {
  bool flag = false;
  std::int64_t whole = 0;
  if (value.get_int64().get(whole) == simdjson::SUCCESS) return whole != 0;
  if (value.get_bool().get(flag) == simdjson::SUCCESS) return flag;
  bool none = false;
  if (value.is_null().get(none) == simdjson::SUCCESS && none) return false;
  return number(value, quoted(key), name) != 0.0;
}

std::array<double, 4> box(JsonValue value, const ElementName& name) {
  static constexpr std::array<std::string_view, 5> names = {"bbox[0]", "bbox[1]", "bbox[2]",
                                                            "bbox[3]", "number in 'bbox'"};
  std::array<double, 4> numbers = {};
  std::size_t count = 0;
  simdjson::ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) {
    name.fail("has a 'bbox' of " + shown(value) + "; it must be a list of four numbers");
  }
  for (auto item : array) {
    JsonValue number_value;
    if (item.get(number_value) != simdjson::SUCCESS) name.fail("is not valid JSON");
    const double read = number(number_value, names[std::min<std::size_t>(count, 4)], name);
    // Corners are float32, and the last two may be sums of two numbers.
    if (std::fabs(read) > std::numeric_limits<float>::max() / 2) {
      name.fail("has a " + std::string(names[std::min<std::size_t>(count, 4)]) + " of " +
                fmt::format("{:.3g}", read) + ", which float32 cannot hold");
    }
    if (count < 4) numbers[count] = read;
    ++count;
  }
  if (count != 4) name.fail("has a 'bbox' of " + std::to_string(count) + " numbers, not 4");
  return numbers;
}

std::string_view text(JsonValue value, std::string_view key, const ElementName& name) {
  std::string_view string;
  if (value.get_string().get(string) != simdjson::SUCCESS) {
    name.fail("has " + with_article(key) + " of " + shown(value) + "; it must be a text");
  }
  return string;
}

std::string_view file_text(JsonValue value, std::string_view key, const ElementName& name) {
  const std::string_view file = text(value, key, name);
  if (file.empty()) name.fail("has " + with_article(key) + " that is empty");
  if (file.find('\0') != std::string_view::npos) {
    name.fail("has " + with_article(key) + " with a null character: " + json_string(file));
  }
  return file;
}

SegmentationSpan segmentation(JsonValue value, std::string_view key, const ElementName& name) {
  simdjson::ondemand::array array;
  simdjson::ondemand::object object;
  std::string_view text;
  if (value.get_array().get(array) == simdjson::SUCCESS) {
    if (array.raw_json().get(text) != simdjson::SUCCESS) name.fail("is not valid JSON");
  } else if (value.get_object().get(object) == simdjson::SUCCESS) {
    if (object.raw_json().get(text) != simdjson::SUCCESS) name.fail("is not valid JSON");
  }
  text = without_space_after(text);
  if (text.empty() || is_empty_container(text)) return {};
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
    name.fail("has " + with_article(key) + " of " + std::to_string(text.size()) + " bytes");
  }
  const auto start =
      name.file->offset(name.text_in_file) + static_cast<std::size_t>(text.data() - name.copy);
  return {start, static_cast<std::uint32_t>(text.size())};
}

simdjson::padded_string_view ElementReader::copy_as_list(std::string_view elements) {
  const std::size_t size = elements.size() + 2;
  buffer_.resize(std::max(buffer_.size(), size + simdjson::SIMDJSON_PADDING));
  char* copy = buffer_.data();
  copy[0] = '[';
  file_->copy(file_->offset(elements), {copy + 1, elements.size()});
  copy[size - 1] = ']';
  return simdjson::padded_string_view(copy, size, buffer_.size());
}

// A key without escapes is used where it is in the buffer; simdjson copies the others to unescape
// them.
bool ElementReader::key_of(simdjson::simdjson_result<simdjson::ondemand::field>& field,
                           std::string_view& key) const {
  simdjson::ondemand::raw_json_string raw;
  if (field.key().get(raw) != simdjson::SUCCESS) return false;
  const char* start = raw.raw();
  const auto limit = static_cast<std::size_t>(buffer_.data() + buffer_.size() - start);
  const auto* end = static_cast<const char*>(std::memchr(start, '"', limit));
  if (end == nullptr) return false;
  key = {start, static_cast<std::size_t>(end - start)};
  const bool plain = key.find('\\') == std::string_view::npos;
  return plain || field.unescaped_key().get(key) == simdjson::SUCCESS;
}

}  // namespace pinfeed
