// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "pinfeed/annotations/bad_records.h"
#include "pinfeed/annotations/segmentation.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/record_id.h"
#include "pinfeed/formats/json_file.h"

namespace pinfeed {

// Reading the elements of a list that may be larger than memory.
//
// JsonFile finds, with a scanner that looks at brackets and strings only, where the list can be
// split between two elements, and returns windows of whole elements, about 1 MiB each. A window is
// copied into a buffer with a bracket on each side and the padding that simdjson needs, and is
// parsed there as a list, so that simdjson runs once for many elements. Memory is bounded by the
// window, not by the file. The copy is made with read calls, so the parser never touches the
// mapping: a file that is truncated meanwhile gives an error instead of SIGBUS.
//
// If a window is not valid JSON, its elements are parsed one by one, so that the error names the
// element. Keys are read without copying unless they have escapes. The text of a segmentation is
// not interpreted: its position in the copy, shifted by the window's offset, is its byte range in
// the file.

using JsonValue = simdjson::ondemand::value;

/// The name of an element in errors: "annotation 7", or "images[3]" while its id is unknown. Also
/// the positions that a byte range needs.
struct ElementName {
  const JsonFile* file;
  std::string_view list;
  std::size_t index;
  std::optional<std::int64_t> id = {};
  std::string_view text_in_file = {};  // the mapped text that the parsed copy was made from
  const char* copy = nullptr;          // where that text begins in the copy

  std::string text() const {
    if (id && list == "annotations") return "annotation " + id_text(*id);
    if (id && list == "images") return "image " + id_text(*id);
    return std::string(list) + "[" + std::to_string(index) + "]";
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::data, file->path() + ": " + text() + " " + what);
  }
};

std::string quoted(std::string_view key);
std::string with_article(std::string_view key);  // "a 'bbox'", "an 'image_id'"

/// The value as an error shows it: a number or text as the file has it, cut after a few characters;
/// "a list", "a dict".
std::string shown(JsonValue value);

// Each returns the value of a key, or throws Error(data) naming the element, the key and the value.

std::int64_t integer(JsonValue value, std::string_view key, const ElementName& name);
/// An integer of any size or a text (record_id.h).
std::int64_t record_id(JsonValue value, std::string_view key, const ElementName& name);
int side(JsonValue value, std::string_view key, const ElementName& name);  // pixels, at least 0
double number(JsonValue value, std::string_view what, const ElementName& name);
bool truthy(JsonValue value, std::string_view key, const ElementName& name);
std::array<double, 4> box(JsonValue value, const ElementName& name);
std::string_view text(JsonValue value, std::string_view key, const ElementName& name);
/// A text that can name a file: not empty and without a null character.
std::string_view file_text(JsonValue value, std::string_view key, const ElementName& name);
/// The byte range of a list or object that is not empty; anything else is no segmentation.
SegmentationSpan segmentation(JsonValue value, std::string_view key, const ElementName& name);

/// Runs the functions that read the keys of an element. With BadRecords::keep it stores the first
/// error of the element, and the keys after it are still read.
class ElementGuard {
 public:
  explicit ElementGuard(BadRecords rule) : rule_(rule) {}

  template <class Function>
  void run(Function function) {
    try {
      function();
    } catch (const Error& error) {
      if (rule_ == BadRecords::raise) throw;
      if (!error_) error_ = std::make_shared<const Error>(error);
    }
  }
  /// The error of the element that ends here, or null.
  std::shared_ptr<const Error> take_error() { return std::exchange(error_, nullptr); }

 private:
  BadRecords rule_;
  std::shared_ptr<const Error> error_ = {};
};

/// Parses the elements of one list, window by window.
class ElementReader {
 public:
  ElementReader(const JsonFile& file, std::string_view list) : file_(&file), list_(list) {}

  /// Calls read(key, value, name) for each key of each element, then end(name).
  template <class Read, class End>
  void run(std::string_view array, Read read, End end) {
    file_->windows(array, [&](std::string_view window) { read_window(window, read, end); });
  }

 private:
  template <class Read, class End>
  void read_window(std::string_view window, Read& read, End& end) {
    simdjson::ondemand::document document;
    simdjson::ondemand::array array;
    if (parser_.iterate(copy_as_list(window)).get(document) != simdjson::SUCCESS ||
        document.get_array().get(array) != simdjson::SUCCESS) {
      return read_one_by_one(window, read, end);
    }
    for (auto item : array) {
      ElementName name = next_name(window);
      read_keys(object_of(item, window, name), name, read);
      end(name);
    }
  }

  template <class Item>
  simdjson::ondemand::object object_of(Item& item, std::string_view window,
                                       const ElementName& name) const {
    simdjson::ondemand::object object;
    if (item.get_object().get(object) == simdjson::SUCCESS) return object;
    JsonValue value;
    if (item.get(value) == simdjson::SUCCESS && !window.empty()) {
      file_->each(window, [](std::string_view) {});
      name.fail("is " + shown(value) + "; it must be a dict");
    }
    fail(window, name);
  }

  // For a window with invalid JSON: finds the element, for the error.
  template <class Read, class End>
  void read_one_by_one(std::string_view window, Read& read, End& end) {
    file_->each(window, [&](std::string_view element) {
      ElementName name = next_name(element);
      simdjson::ondemand::document document;
      simdjson::ondemand::array array;
      if (parser_.iterate(copy_as_list(element)).get(document) != simdjson::SUCCESS ||
          document.get_array().get(array) != simdjson::SUCCESS) {
        fail(element, name);
      }
      for (auto item : array) {
        read_keys(object_of(item, element, name), name, read);
      }
      end(name);
    });
  }

  template <class Read>
  void read_keys(simdjson::ondemand::object object, ElementName& name, Read& read) {
    for (auto field : object) {
      std::string_view key;
      JsonValue value;
      const bool valid = key_of(field, key) && field.value().get(value) == simdjson::SUCCESS;
      if (!valid) name.fail("is not valid JSON");
      read(key, value, name);
    }
  }

  ElementName next_name(std::string_view text) {
    return {file_, list_, index_++, {}, text, buffer_.data() + 1};
  }
  [[noreturn]] void fail(std::string_view window, const ElementName& name) const {
    file_->each(window, [](std::string_view) {});
    name.fail("is no JSON object");
  }
  // A padded copy of the elements in brackets.
  simdjson::padded_string_view copy_as_list(std::string_view elements);
  bool key_of(simdjson::simdjson_result<simdjson::ondemand::field>& field,
              std::string_view& key) const;

  const JsonFile* file_;
  std::string_view list_;
  std::size_t index_ = 0;
  std::string buffer_ = {};
  simdjson::ondemand::parser parser_;
};

}  // namespace pinfeed
