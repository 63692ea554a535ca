// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 2.3, 6.2, decisions 15.
#include "pinfeed/data/coco_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "pinfeed/core/error.h"
#include "pinfeed/data/json_elements.h"

namespace pinfeed {
namespace {

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
  if (key == "segmentation") {
    const SegmentationPlace place = segmentation(value, key, name);
    annotation.segmentation_start = place.start;
    annotation.segmentation_bytes = place.bytes;
  }
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
  std::vector<CocoAnnotation> annotations;
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
            annotations.push_back(annotation);
            annotation = {};
          });
  coco.annotations = std::move(annotations);
}

void require_unique_ids(const CocoFile& coco) {
  std::vector<std::int64_t> ids;
  ids.reserve(coco.annotations.size());
  for (const CocoAnnotation& annotation : coco.annotations) ids.push_back(annotation.id);
  const bool rising = std::is_sorted(ids.begin(), ids.end());
  if (!rising) std::sort(ids.begin(), ids.end());
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
  JsonFile file(path);
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
