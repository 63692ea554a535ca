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
#include "pinfeed/formats/json_file.h"

namespace pinfeed {

using JsonValue = simdjson::ondemand::value;

// What an error says of an element: "annotation 7", or "images[3]" while its id is unknown.
struct ElementName {
  const JsonFile* file;
  std::string_view list;
  std::size_t index;
  std::optional<std::int64_t> id = {};
  std::string_view text_in_file = {};  // that the element is a part of
  const char* copy = nullptr;          // of that text: what is parsed

  std::string text() const {
    if (id && list == "annotations") return "annotation " + std::to_string(*id);
    if (id && list == "images") return "image " + std::to_string(*id);
    return std::string(list) + "[" + std::to_string(index) + "]";
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::data, file->path() + ": " + text() + " " + what);
  }
};

std::string quoted(std::string_view key);
std::string with_article(std::string_view key);  // "a 'bbox'", "an 'image_id'"

// The value of a key, or Error(data) that names the element, the key and what is wrong with it.
std::int64_t integer(JsonValue value, std::string_view key, const ElementName& name);
int side(JsonValue value, std::string_view key, const ElementName& name);  // pixels, at least 0
double number(JsonValue value, std::string_view what, const ElementName& name);
bool truthy(JsonValue value, std::string_view key, const ElementName& name);
std::array<double, 4> box(JsonValue value, const ElementName& name);
std::string_view text(JsonValue value, std::string_view key, const ElementName& name);
// Where a list or an object of some content stands in the file. Anything else is no segmentation.
SegmentationSpan segmentation(JsonValue value, std::string_view key, const ElementName& name);

// Reads an element part by part. Where bad records are kept, the first thing that is wrong with the
// element is put aside, and the parts after it are read all the same.
class PartReader {
 public:
  explicit PartReader(BadRecords rule) : rule_(rule) {}

  template <class Part>
  void read(Part part) {
    try {
      part();
    } catch (const Error& error) {
      if (rule_ == BadRecords::raise) throw;
      if (!wrong_) wrong_ = std::make_shared<const Error>(error);
    }
  }
  // What is wrong with the element that ends here; null when nothing is.
  std::shared_ptr<const Error> take_wrong() { return std::exchange(wrong_, nullptr); }

 private:
  BadRecords rule_;
  std::shared_ptr<const Error> wrong_ = {};
};

// Parses the elements of one list, window by window, each out of a copy with the padding that
// simdjson needs.
class ElementReader {
 public:
  ElementReader(const JsonFile& file, std::string_view list) : file_(&file), list_(list) {}

  // Calls read(key, value, name) for each key of each element, then end(name).
  template <class Read, class End>
  void run(std::string_view array, Read read, End end) {
    file_->windows(array, [&](std::string_view window) { read_window(window, read, end); });
  }

 private:
  template <class Read, class End>
  void read_window(std::string_view window, Read& read, End& end) {
    simdjson::ondemand::document document;
    simdjson::ondemand::array array;
    if (parser_.iterate(copied(window)).get(document) != simdjson::SUCCESS ||
        document.get_array().get(array) != simdjson::SUCCESS) {
      return read_one_by_one(window, read, end);
    }
    for (auto item : array) {
      ElementName name = next_name(window);
      simdjson::ondemand::object object;
      if (item.get_object().get(object) != simdjson::SUCCESS) fail(window, name);
      read_keys(object, name, read);
      end(name);
    }
  }

  // For a window of which something is no JSON at all, so that the element is named.
  template <class Read, class End>
  void read_one_by_one(std::string_view window, Read& read, End& end) {
    file_->each(window, [&](std::string_view element) {
      ElementName name = next_name(element);
      simdjson::ondemand::document document;
      simdjson::ondemand::array array;
      if (parser_.iterate(copied(element)).get(document) != simdjson::SUCCESS ||
          document.get_array().get(array) != simdjson::SUCCESS) {
        fail(element, name);
      }
      for (auto item : array) {
        simdjson::ondemand::object object;
        if (item.get_object().get(object) != simdjson::SUCCESS) fail(element, name);
        read_keys(object, name, read);
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
  // A list of these elements.
  simdjson::padded_string_view copied(std::string_view elements);
  bool key_of(simdjson::simdjson_result<simdjson::ondemand::field>& field,
              std::string_view& key) const;

  const JsonFile* file_;
  std::string_view list_;
  std::size_t index_ = 0;
  std::string buffer_ = {};
  simdjson::ondemand::parser parser_;
};

}  // namespace pinfeed
