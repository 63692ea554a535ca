// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.3, 6.2, docs/specs/decisions.md, 15.
//
// A COCO file becomes rows of fixed size, without a JSON tree in between.
//
// Each list of the file ("categories", "images", "annotations") is read by an ElementReader
// (json_elements.h), which calls one function for each key of an element and one at its end. The
// keys of an element may come in any order, so a row is filled key by key, the keys that occurred
// are noted, and the end of the element checks that none is missing and appends the row. File names
// go into one string; segmentations are only noted as byte ranges (segmentation.cpp). Nothing is
// selected or clipped here, because the rules for that depend on the config
// (datasets/coco_select.cpp) and the metrics need the original numbers.
#include "pinfeed/annotations/coco_file.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_set>
#include <utility>

#include "pinfeed/annotations/json_elements.h"
#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

// Which of the required keys of an element have occurred.
template <std::size_t N>
struct RequiredKeys {
  std::array<std::string_view, N> names;
  std::array<bool, N> seen = {};

  void mark(std::string_view key) {
    for (std::size_t i = 0; i < N; ++i) seen[i] = seen[i] || names[i] == key;
  }
  void require_all(const ElementName& name) const { require_first(N, name); }
  /// Throws when one of the first `count` keys is missing.
  void require_first(std::size_t count, const ElementName& name) const {
    for (std::size_t i = 0; i < count; ++i) {
      if (!seen[i]) name.fail("has no " + quoted(names[i]));
    }
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

// The use of a file decides which keys of its images and categories are required: an evaluation
// needs their ids, the first key of each, a data set all of them.
enum class CocoUse { dataset, evaluation };

// How a file is read.
struct CocoReading {
  CocoUse use = CocoUse::dataset;
  BadRecords rule = BadRecords::raise;
  NameKey names = NameKey::file_name;

  std::string_view name_key() const {
    return names == NameKey::coco_url ? "coco_url" : "file_name";
  }
};

// Upstream removes the server from the address, and takes anything else as it is.
std::string_view path_on_server(JsonValue value, std::string_view key, const ElementName& name) {
  constexpr std::string_view server = "http://images.cocodataset.org/";
  std::string_view path = file_text(value, key, name);
  if (path.starts_with(server)) path.remove_prefix(server.size());
  if (!path.empty() && path.find("://") == std::string_view::npos) return path;
  name.fail("has " + with_article(key) + " of " + shown(value) + "; it must be a path, or " +
            std::string(server) + " and a path");
}

std::string_view name_of_image(JsonValue value, std::string_view key, const ElementName& name,
                               const CocoReading& reading) {
  if (reading.use == CocoUse::evaluation) return text(value, key, name);
  if (reading.names == NameKey::coco_url) return path_on_server(value, key, name);
  return file_text(value, key, name);
}

void read_image_key(std::string_view key, JsonValue value, ElementName& name,
                    const CocoReading& reading, CocoImage& image, std::string& names) {
  if (key == "id") name.id = image.id = record_id(value, key, name);
  if (key == "width") image.width = side(value, key, name);
  if (key == "height") image.height = side(value, key, name);
  if (key != reading.name_key()) return;
  const std::string_view file_name = name_of_image(value, key, name, reading);
  if (image.name_size > 0) names.resize(image.name_start);  // the key occurs again
  image.name_start = static_cast<std::uint32_t>(names.size());
  image.name_size = static_cast<std::uint32_t>(file_name.size());
  names += file_name;
}

std::size_t required_count(CocoUse use, std::size_t all) {
  return use == CocoUse::evaluation ? 1 : all;
}

void read_coco_images(JsonFile& file, const CocoReading& reading, CocoFile& coco) {
  CocoImage image;
  RequiredKeys<4> seen{{"id", reading.name_key(), "width", "height"}};
  ElementGuard guard(reading.rule);
  ElementReader(file, "images")
      .run(
          required_list(file, "images"),
          [&](std::string_view key, JsonValue value, ElementName& name) {
            seen.mark(key);
            guard.run([&] { read_image_key(key, value, name, reading, image, coco.names); });
          },
          [&](const ElementName& name) {
            guard.run([&] { seen.require_first(required_count(reading.use, 4), name); });
            if (const auto error = guard.take_error()) coco.bad.push_back({name.id, {}, *error});
            seen.seen = {};
            if (name.id) coco.images.push_back(image);
            image = {};
          });
}

void read_coco_categories(JsonFile& file, CocoUse use, CocoFile& coco) {
  CocoCategory category;
  RequiredKeys<2> seen{{"id", "name"}};
  ElementReader(file, "categories")
      .run(
          required_list(file, "categories"),
          [&](std::string_view key, JsonValue value, ElementName& name) {
            seen.mark(key);
            if (key == "id") category.id = record_id(value, key, name);
            if (key == "name") category.name = text(value, key, name);
          },
          [&](const ElementName& name) {
            seen.require_first(required_count(use, 2), name);
            seen.seen = {};
            coco.categories.push_back(category);
            category = {};
          });
}

void read_annotation_key(std::string_view key, JsonValue value, ElementName& name,
                         CocoAnnotation& annotation) {
  if (key == "id") name.id = annotation.id = record_id(value, key, name);
  if (key == "image_id") annotation.image_id = record_id(value, key, name);
  if (key == "category_id") annotation.category_id = record_id(value, key, name);
  if (key == "area") annotation.area = number(value, "'area'", name);
  if (key == "iscrowd") annotation.crowd = truthy(value, key, name);
  if (key == "ignore") annotation.ignore = truthy(value, key, name);
  if (key == "segmentation") {
    const SegmentationSpan span = segmentation(value, key, name);
    annotation.segmentation_start = span.start;
    annotation.segmentation_bytes = span.bytes;
  }
  if (key == "bbox") {
    const auto [x, y, width, height] = box(value, name);
    annotation.x = x;
    annotation.y = y;
    annotation.width = width;
    annotation.height = height;
  }
}

void read_coco_annotations(JsonFile& file, BadRecords rule, CocoFile& coco) {
  CocoAnnotation annotation;
  std::vector<CocoAnnotation> annotations;
  RequiredKeys<5> seen{{"id", "image_id", "category_id", "bbox", "area"}};
  bool has_image = false;
  ElementGuard guard(rule);
  ElementReader(file, "annotations")
      .run(
          required_list(file, "annotations"),
          [&](std::string_view key, JsonValue value, ElementName& name) {
            seen.mark(key);
            guard.run([&] {
              read_annotation_key(key, value, name, annotation);
              has_image = has_image || key == "image_id";
            });
          },
          [&](const ElementName& name) {
            // Upstream does not read the other keys of ignored annotations.
            if (!annotation.ignore) guard.run([&] { seen.require_all(name); });
            seen.seen = {};
            if (const auto error = guard.take_error()) {
              coco.bad.push_back(
                  {has_image ? std::optional(annotation.image_id) : std::nullopt, name.id, *error});
            } else {
              annotations.push_back(annotation);
            }
            annotation = {};
            has_image = false;
          });
  coco.annotations = std::move(annotations);
}

// The ids that more than one of these annotations has.
std::vector<std::int64_t> repeated_ids(std::vector<std::int64_t> ids) {
  const bool sorted = std::is_sorted(ids.begin(), ids.end());
  if (!sorted) std::sort(ids.begin(), ids.end());
  std::vector<std::int64_t> repeated;
  for (auto at = std::adjacent_find(ids.begin(), ids.end()); at != ids.end();
       at = std::adjacent_find(at, ids.end())) {
    repeated.push_back(*at);
    at = std::upper_bound(at, ids.end(), *at);
  }
  return repeated;
}

// Only annotations of listed images are compared, as upstream does.
void require_unique_ids(BadRecords rule, CocoFile& coco) {
  std::vector<std::int64_t> ids;
  ids.reserve(coco.annotations.size());
  for (const CocoAnnotation& annotation : coco.annotations) ids.push_back(annotation.id);
  if (repeated_ids(std::move(ids)).empty()) return;
  std::unordered_set<std::int64_t> listed;
  for (const CocoImage& image : coco.images) listed.insert(image.id);
  ids = {};
  for (const CocoAnnotation& annotation : coco.annotations) {
    if (listed.contains(annotation.image_id)) ids.push_back(annotation.id);
  }
  const std::vector<std::int64_t> repeated = repeated_ids(std::move(ids));
  const auto error = [&](std::int64_t id) {
    return Error(ErrorKind::data,
                 coco.path + ": the annotation id " + id_text(id) + " occurs twice");
  };
  if (rule == BadRecords::raise && !repeated.empty()) throw error(repeated.front());
  for (const CocoAnnotation& annotation : coco.annotations) {
    if (!listed.contains(annotation.image_id)) continue;
    if (!std::binary_search(repeated.begin(), repeated.end(), annotation.id)) continue;
    coco.bad.push_back({annotation.image_id, annotation.id, error(annotation.id)});
  }
}

CocoFile read_whole(const std::string& path, const CocoReading& reading) {
  JsonFile file(path);
  if (file.kind() != '{') throw Error(ErrorKind::data, path + " is a list, not a COCO data set");
  CocoFile coco{.path = path, .name_key = reading.names};
  read_coco_categories(file, reading.use, coco);
  read_coco_images(file, reading, coco);
  coco.has_annotations = !file.find("annotations").empty();
  if (coco.has_annotations) read_coco_annotations(file, reading.rule, coco);
  require_unique_ids(reading.rule, coco);
  return coco;
}

}  // namespace

CocoFile read_coco_file(const std::string& path, BadRecords rule, NameKey names) {
  return read_whole(path, {.rule = rule, .names = names});
}

CocoFile read_coco_truth(const std::string& path) {
  return read_whole(path, {.use = CocoUse::evaluation});
}

bool has_named_ids(const CocoAnnotation& row) {
  return is_reserved_id(row.id) || is_reserved_id(row.image_id) || is_reserved_id(row.category_id);
}

bool has_named_ids(const CocoFile& file) {
  const auto named = [](const auto& row) { return is_reserved_id(row.id); };
  return std::any_of(file.images.begin(), file.images.end(), named) ||
         std::any_of(file.categories.begin(), file.categories.end(), named) ||
         std::any_of(file.annotations.begin(), file.annotations.end(),
                     [](const CocoAnnotation& row) { return has_named_ids(row); });
}

}  // namespace pinfeed
