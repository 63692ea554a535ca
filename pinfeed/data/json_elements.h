// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "pinfeed/core/error.h"
#include "pinfeed/data/json_file.h"
#include "pinfeed/data/segmentation.h"

namespace pinfeed {

using JsonValue = simdjson::ondemand::value;

// What an error says of an element: "annotation 7", or "images[3]" while its id is unknown.
struct ElementName {
  const JsonFile* file;
  std::string_view list;
  std::size_t index;
  std::optional<std::int64_t> id = {};
  std::string_view element = {};  // in the file
  const char* copy = nullptr;     // what is parsed

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
double number(JsonValue value, std::string_view what, const ElementName& name);
bool truthy(JsonValue value, std::string_view key, const ElementName& name);
std::array<double, 4> box(JsonValue value, const ElementName& name);
std::string_view text(JsonValue value, std::string_view key, const ElementName& name);
// Where a list or an object of some content stands in the file. Anything else is no segmentation.
SegmentationPlace segmentation(JsonValue value, std::string_view key, const ElementName& name);

// Parses the elements of one list, each out of a copy with the padding that simdjson needs.
class ElementReader {
 public:
  ElementReader(const JsonFile& file, std::string_view list) : file_(&file), list_(list) {}

  // Calls read(key, value, name) for each key of each element, then end(name).
  template <class Read, class End>
  void run(std::string_view array, Read read, End end) {
    std::size_t index = 0;
    file_->each(array, [&](std::string_view element) {
      ElementName name{file_, list_, index++};
      read_keys(element, name, read);
      end(name);
    });
  }

 private:
  template <class Read>
  void read_keys(std::string_view element, ElementName& name, Read& read) {
    buffer_.assign(element);
    buffer_.resize(element.size() + simdjson::SIMDJSON_PADDING);
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    name.element = element;
    name.copy = buffer_.data();
    const simdjson::padded_string_view padded(buffer_.data(), element.size(), buffer_.size());
    if (parser_.iterate(padded).get(document) != simdjson::SUCCESS ||
        document.get_object().get(object) != simdjson::SUCCESS) {
      name.fail("is no JSON object");
    }
    for (auto field : object) {
      std::string_view key;
      JsonValue value;
      const bool valid = field.unescaped_key().get(key) == simdjson::SUCCESS &&
                         field.value().get(value) == simdjson::SUCCESS;
      if (!valid) name.fail("is not valid JSON");
      read(key, value, name);
    }
  }

  const JsonFile* file_;
  std::string_view list_;
  std::string buffer_ = {};
  simdjson::ondemand::parser parser_;
};

}  // namespace pinfeed
