// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 2.3, 6.2, decisions 15.
#include "pinfeed/data/coco_file.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "pinfeed/core/error.h"
#include "pinfeed/data/json_file.h"

namespace pinfeed {
namespace {

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

std::string quoted(std::string_view key) { return "'" + std::string(key) + "'"; }

// "a 'bbox'", "an 'image_id'".
std::string with_article(std::string_view key) {
  const bool vowel = std::string_view("aeio").find(key.front()) != std::string_view::npos;
  return (vowel ? "an " : "a ") + quoted(key);
}

std::int64_t integer(JsonValue value, std::string_view key, const ElementName& name) {
  std::int64_t number = 0;
  if (value.get_int64().get(number) == simdjson::SUCCESS) return number;
  double real = 0.0;
  const bool whole = value.get_double().get(real) == simdjson::SUCCESS &&
                     std::floor(real) == real && std::fabs(real) < 9e15;
  if (!whole) name.fail("has " + with_article(key) + " that is no integer");
  return static_cast<std::int64_t>(real);
}

// simdjson refuses NaN and Infinity, which Python writes; they are named instead of "not JSON".
double number(JsonValue value, std::string_view what, const ElementName& name) {
  const std::string_view token = value.raw_json_token();
  for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
    if (token.starts_with(word))
      name.fail("has a " + std::string(what) + " of " + std::string(word));
  }
  double real = 0.0;
  if (value.get_double().get(real) != simdjson::SUCCESS || !std::isfinite(real)) {
    name.fail("has a " + std::string(what) + " that is no number");
  }
  return real;
}

bool truthy(JsonValue value, std::string_view key, const ElementName& name) {
  bool flag = false;
  if (value.get_bool().get(flag) == simdjson::SUCCESS) return flag;
  return !value.is_null() && number(value, quoted(key), name) != 0.0;
}

std::array<double, 4> box(JsonValue value, const ElementName& name) {
  std::array<double, 4> numbers = {};
  std::size_t count = 0;
  simdjson::ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) name.fail("has a 'bbox' that is no list");
  for (auto item : array) {
    JsonValue number_value;
    if (item.get(number_value) != simdjson::SUCCESS) name.fail("is not valid JSON");
    const double read = number(number_value, "bbox[" + std::to_string(count) + "]", name);
    if (count < 4) numbers[count] = read;
    ++count;
  }
  if (count != 4) name.fail("has a 'bbox' of " + std::to_string(count) + " numbers, not 4");
  return numbers;
}

std::string_view text(JsonValue value, std::string_view key, const ElementName& name) {
  std::string_view string;
  if (value.get_string().get(string) != simdjson::SUCCESS) {
    name.fail("has " + with_article(key) + " that is no string");
  }
  return string;
}

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

// Which keys of an element were seen, by their place in a list of names.
template <std::size_t N>
struct Seen {
  std::array<std::string_view, N> names;
  std::array<bool, N> seen = {};

  void mark(std::string_view key) {
    for (std::size_t i = 0; i < N; ++i) seen[i] = seen[i] || names[i] == key;
  }
  void require_all(const ElementName& name) {
    for (std::size_t i = 0; i < N; ++i) {
      if (!seen[i]) name.fail("has no " + quoted(names[i]));
    }
    seen = {};
  }
};

bool is_empty(std::string_view container) {
  return container.find_first_not_of(" \t\r\n", 1) == container.size() - 1;
}

// Where a list or an object of some content stands in the file. Anything else is no segmentation.
SegmentationPlace segmentation(JsonValue value, const ElementName& name) {
  simdjson::ondemand::array array;
  simdjson::ondemand::object object;
  std::string_view text;
  if (value.get_array().get(array) == simdjson::SUCCESS) {
    if (array.raw_json().get(text) != simdjson::SUCCESS) name.fail("is not valid JSON");
  } else if (value.get_object().get(object) == simdjson::SUCCESS) {
    if (object.raw_json().get(text) != simdjson::SUCCESS) name.fail("is not valid JSON");
  }
  if (text.empty() || is_empty(text)) return {};
  if (text.size() > std::numeric_limits<std::uint32_t>::max()) {
    name.fail("has a 'segmentation' of " + std::to_string(text.size()) + " bytes");
  }
  const auto start =
      name.file->offset(name.element) + static_cast<std::size_t>(text.data() - name.copy);
  return {start, static_cast<std::uint32_t>(text.size())};
}

std::string_view required_list(JsonFile& file, std::string_view key) {
  const std::string_view list = file.find(key);
  if (list.empty()) throw Error(ErrorKind::data, file.path() + " has no " + quoted(key));
  if (list.front() != '[') {
    throw Error(ErrorKind::data, file.path() + ": " + quoted(key) + " is no list");
  }
  return list;
}

int side(JsonValue value, std::string_view key, const ElementName& name) {
  const std::int64_t pixels = integer(value, key, name);
  if (pixels < 0 || pixels > std::numeric_limits<int>::max()) {
    name.fail("has " + with_article(key) + " of " + std::to_string(pixels));
  }
  return static_cast<int>(pixels);
}

void read_images(JsonFile& file, CocoFile& coco) {
  CocoImage image;
  Seen<4> seen{{"id", "file_name", "width", "height"}};
  ElementReader(file, "images")
      .run(
          required_list(file, "images"),
          [&](std::string_view key, JsonValue value, ElementName& name) {
            seen.mark(key);
            if (key == "id") name.id = image.id = integer(value, key, name);
            if (key == "width") image.width = side(value, key, name);
            if (key == "height") image.height = side(value, key, name);
            if (key != "file_name") return;
            const std::string_view file_name = text(value, key, name);
            image.name_start = static_cast<std::uint32_t>(coco.names.size());
            image.name_size = static_cast<std::uint32_t>(file_name.size());
            coco.names += file_name;
          },
          [&](const ElementName& name) {
            seen.require_all(name);
            coco.images.push_back(image);
          });
}

void read_categories(JsonFile& file, CocoFile& coco) {
  CocoCategory category;
  Seen<2> seen{{"id", "name"}};
  ElementReader(file, "categories")
      .run(
          required_list(file, "categories"),
          [&](std::string_view key, JsonValue value, ElementName& name) {
            seen.mark(key);
            if (key == "id") category.id = integer(value, key, name);
            if (key == "name") category.name = text(value, key, name);
          },
          [&](const ElementName& name) {
            seen.require_all(name);
            coco.categories.push_back(category);
          });
}

void read_annotation(std::string_view key, JsonValue value, ElementName& name,
                     CocoAnnotation& annotation) {
  if (key == "id") name.id = annotation.id = integer(value, key, name);
  if (key == "image_id") annotation.image_id = integer(value, key, name);
  if (key == "category_id") annotation.category_id = integer(value, key, name);
  if (key == "area") annotation.area = number(value, "'area'", name);
  if (key == "iscrowd") annotation.crowd = truthy(value, key, name);
  if (key == "ignore") annotation.ignore = truthy(value, key, name);
  if (key == "segmentation") annotation.segmentation = segmentation(value, name);
  if (key == "bbox") {
    const auto [x, y, width, height] = box(value, name);
    annotation.x = x;
    annotation.y = y;
    annotation.width = width;
    annotation.height = height;
  }
}

void read_annotations(JsonFile& file, CocoFile& coco) {
  CocoAnnotation annotation;
  Seen<5> seen{{"id", "image_id", "category_id", "bbox", "area"}};
  ElementReader(file, "annotations")
      .run(
          required_list(file, "annotations"),
          [&](std::string_view key, JsonValue value, ElementName& name) {
            seen.mark(key);
            read_annotation(key, value, name, annotation);
          },
          [&](const ElementName& name) {
            if (!annotation.ignore) seen.require_all(name);  // ignored ones are not read upstream
            seen.seen = {};
            coco.annotations.push_back(annotation);
            annotation = {};
          });
}

void require_unique_ids(const CocoFile& coco) {
  std::vector<std::int64_t> ids;
  ids.reserve(coco.annotations.size());
  for (const CocoAnnotation& annotation : coco.annotations) ids.push_back(annotation.id);
  std::sort(ids.begin(), ids.end());
  const auto twice = std::adjacent_find(ids.begin(), ids.end());
  if (twice == ids.end()) return;
  throw Error(ErrorKind::data,
              coco.path + ": the annotation id " + std::to_string(*twice) + " occurs twice");
}

}  // namespace

CocoFile read_coco_file(const std::string& path) {
  JsonFile file(path);
  if (file.kind() != '{') throw Error(ErrorKind::data, path + " is a list, not a COCO data set");
  CocoFile coco{.path = path};
  read_categories(file, coco);
  read_images(file, coco);
  coco.has_annotations = !file.find("annotations").empty();
  if (coco.has_annotations) read_annotations(file, coco);
  require_unique_ids(coco);
  return coco;
}

std::vector<CocoDetection> read_coco_results(const std::string& path) {
  const JsonFile file(path);
  if (file.kind() != '[') throw Error(ErrorKind::data, path + " is no list of detections");
  std::vector<CocoDetection> detections;
  CocoDetection detection;
  Seen<4> seen{{"image_id", "category_id", "bbox", "score"}};
  ElementReader(file, "detections")
      .run(
          file.whole(),
          [&](std::string_view key, JsonValue value, ElementName& name) {
            seen.mark(key);
            if (key == "image_id") detection.image_id = integer(value, key, name);
            if (key == "category_id") detection.category_id = integer(value, key, name);
            if (key == "score") detection.score = number(value, "'score'", name);
            if (key != "bbox") return;
            const auto [x, y, width, height] = box(value, name);
            detection = {detection.image_id, detection.category_id, x, y, width, height,
                         detection.score};
          },
          [&](const ElementName& name) {
            seen.require_all(name);
            detections.push_back(detection);
          });
  return detections;
}

}  // namespace pinfeed
