// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/sample.h"

#include <memory>

namespace pinfeed {
namespace {

template <class T>
void keep_in(std::pmr::vector<T>& values, std::span<const std::uint8_t> keep) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (keep[i] != 0) values[kept++] = values[i];
  }
  values.resize(kept);
}

std::span<const Instance> instances_in(Arena& arena, std::span<const Instance> instances) {
  auto* copies = static_cast<Instance*>(arena.allocate(instances.size_bytes(), alignof(Instance)));
  std::uninitialized_copy(instances.begin(), instances.end(), copies);
  return {copies, instances.size()};
}

}  // namespace

Sample copied(const Sample& from, Arena& arena) {
  Sample sample(arena);
  sample.fields = from.fields;
  sample.index = from.index;
  sample.img_id = from.img_id;
  sample.img_id_text = from.img_id_text;
  sample.has_img_id = from.has_img_id;
  sample.img_path = from.img_path;
  sample.file_name = from.file_name;
  sample.annotated = from.annotated;
  sample.instances = instances_in(arena, from.instances);
  sample.segmentations = from.segmentations;
  sample.gt_label = from.gt_label;
  sample.bad = from.bad;
  sample.image = from.image;
  sample.encoded = from.encoded;
  sample.ori_shape = from.ori_shape;
  sample.img_shape = from.img_shape;
  sample.scale_factor = from.scale_factor;
  sample.flip_known = from.flip_known;
  sample.flip = from.flip;
  sample.normalization = from.normalization;
  sample.boxes = from.boxes;
  sample.labels = from.labels;
  sample.ignore_flags = from.ignore_flags;
  sample.masks.assign(from.masks);
  sample.packed = copied(from.packed, arena);
  sample.extra = copied(from.extra, arena);
  return sample;
}

void keep_objects(Sample& sample, std::span<const std::uint8_t> keep) {
  if (sample.fields.has(Field::boxes)) keep_in(sample.boxes, keep);
  if (sample.fields.has(Field::labels)) keep_in(sample.labels, keep);
  if (sample.fields.has(Field::ignore_flags)) keep_in(sample.ignore_flags, keep);
  if (!sample.fields.has(Field::masks)) return;
  if (sample.masks.polygons)
    keep_in(sample.masks.outlines, keep);
  else
    keep_in(sample.masks.bitmaps, keep);
}

}  // namespace pinfeed
