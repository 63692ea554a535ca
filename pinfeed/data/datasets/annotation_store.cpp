// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.3.
#include "pinfeed/data/datasets/annotation_store.h"

#include <algorithm>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/record_id.h"

namespace pinfeed {
namespace {

Instance coco_instance(const CocoAnnotation& annotation, std::size_t label) {
  return {.x1 = annotation.x,
          .y1 = annotation.y,
          .x2 = annotation.x + annotation.width,
          .y2 = annotation.y + annotation.height,
          .label = static_cast<std::int64_t>(label),
          .annotation = annotation.id,
          .segmentation = annotation.segmentation(),
          .ignore = annotation.crowd};
}

}  // namespace

void AnnotationStore::add(const NewImage& image) {
  images.push_back({.id = image.id.value_or(image.id_text.empty() ? 0 : text_id(image.id_text)),
                    .annotated = image.annotated,
                    .path_start = paths.size(),
                    .path_size = static_cast<std::uint32_t>(image.path.size()),
                    .name_size = static_cast<std::uint32_t>(image.name_size),
                    .id_size = static_cast<std::uint32_t>(image.id_text.size()),
                    .count = static_cast<std::uint32_t>(image.instances.size()),
                    .first = instances.size(),
                    .gt_label = image.gt_label,
                    .has_id = image.id || !image.id_text.empty()});
  paths += image.path;
  paths += image.id_text;
  instances.insert(instances.end(), image.instances.begin(), image.instances.end());
}

void AnnotationStore::mark_bad(StoredImage& image, Error error) {
  bad.push_back(std::move(error));
  image.bad = static_cast<std::uint32_t>(bad.size());
}

void AnnotationStore::shrink_to_fit() {
  images.shrink_to_fit();
  instances.shrink_to_fit();
  paths.shrink_to_fit();
}

std::string_view AnnotationStore::path_of(const StoredImage& image) const {
  return std::string_view(paths).substr(image.path_start, image.path_size);
}

std::span<const Instance> AnnotationStore::instances_of(const StoredImage& image,
                                                        Arena& arena) const {
  if (objects.empty()) return std::span(instances).subspan(image.first, image.count);
  auto* all =
      static_cast<Instance*>(arena.allocate(image.count * sizeof(Instance), alignof(Instance)));
  for (std::size_t i = 0; i < image.count; ++i) {
    const StoredObject& object = objects[image.first + i];
    new (all + i) Instance(coco_instance(rows[object.row], object.label));
  }
  return {all, image.count};
}

LabelRange AnnotationStore::labels() const {
  LabelRange range;
  const auto add = [&range](std::int64_t label, bool ignored) {
    if (ignored) return;
    range.smallest = std::min(range.smallest, label);
    range.largest = std::max(range.largest, label);
  };
  for (const StoredImage& image : images) {
    for (std::uint64_t at = image.first; image.bad == 0 && at < image.first + image.count; ++at) {
      if (objects.empty()) {
        add(instances[at].label, instances[at].ignore);
      } else {
        add(objects[at].label, rows[objects[at].row].crowd);
      }
    }
  }
  return range;
}

Sample sample_of(const AnnotationStore& store, std::int64_t index, Arena& arena) {
  const StoredImage& image = store.images.at(static_cast<std::size_t>(index));
  Sample sample(arena);
  sample.fields = Field::path | Field::instances;
  sample.index = index;
  sample.img_id = image.id;
  sample.has_img_id = image.has_id;
  sample.img_id_text =
      std::string_view(store.paths).substr(image.path_start + image.path_size, image.id_size);
  sample.img_path = store.path_of(image);
  sample.file_name = sample.img_path.substr(image.path_size - image.name_size);
  sample.annotated = image.annotated;
  sample.instances = store.instances_of(image, arena);
  sample.segmentations = store.segmentations.get();
  if (store.has_gt_labels) sample.fields |= Field::gt_label;
  sample.gt_label = image.gt_label;
  if (image.bad != 0) sample.bad = &store.bad[image.bad - 1];
  return sample;
}

}  // namespace pinfeed
