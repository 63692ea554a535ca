// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.16.
#include "pinfeed/data/transforms/pack_det_inputs.h"

#include <cstring>

#include "pinfeed/data/transforms/meta.h"

namespace pinfeed {
namespace {

bool chosen(const Sample& sample, std::size_t i, bool ignored) {
  const bool flagged = sample.fields.has(Field::ignore_flags) && sample.ignore_flags[i] != 0;
  return flagged == ignored;
}

template <class T>
std::int64_t count_chosen(const Sample& sample, const std::pmr::vector<T>& values, bool ignored) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < values.size(); ++i) count += chosen(sample, i, ignored) ? 1 : 0;
  return count;
}

// Copies the chosen rows of a column into the tensor.
template <class T>
Tensor rows(const Sample& sample, const std::pmr::vector<T>& values, bool ignored, Tensor tensor) {
  std::byte* to = tensor.data();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!chosen(sample, i, ignored)) continue;
    std::memcpy(to, &values[i], sizeof(T));
    to += sizeof(T);
  }
  return tensor;
}

// The masks of the chosen objects.
TreeNode masks_of(const Sample& sample, bool ignored) {
  const Masks& all = sample.masks;
  Masks masks(*sample.arena);
  masks.polygons = all.polygons;
  masks.size = all.size;
  for (std::size_t i = 0; i < all.count(); ++i) {
    if (!chosen(sample, i, ignored)) continue;
    if (all.polygons)
      masks.outlines.push_back(all.outlines[i]);
    else
      masks.bitmaps.push_back(all.bitmaps[i]);
  }
  return {std::move(masks)};
}

TreeNode instances(const Sample& sample, bool ignored) {
  Arena& arena = *sample.arena;
  TreeNode data = element_node("InstanceData", arena);
  // Without flags no object is ignored.
  if (ignored && !sample.fields.has(Field::ignore_flags)) return data;
  if (sample.fields.has(Field::boxes)) {
    const Shape shape = {count_chosen(sample, sample.boxes, ignored), 4};
    set(data, "bboxes",
        {rows(sample, sample.boxes, ignored, arena_tensor(DType::float32, shape, arena))});
  }
  if (sample.fields.has(Field::labels)) {
    const Shape shape = {count_chosen(sample, sample.labels, ignored)};
    set(data, "labels",
        {rows(sample, sample.labels, ignored, arena_tensor(DType::int64, shape, arena))});
  }
  if (sample.fields.has(Field::masks)) set(data, "masks", masks_of(sample, ignored));
  return data;
}

}  // namespace

void describe(Schema<PackDetInputs>& schema) {
  schema.summary("Packs the sample as {'inputs', 'data_samples'} for detectors.")
      .optional("meta_keys", &PackDetInputs::meta_keys,
                "metadata to pack; keys that the sample lacks are left out")
      .check([](const PackDetInputs& params) { check_meta_keys(params.meta_keys); });
}

FieldUse fields(const PackDetInputs&) { return {.needs = Field::image, .creates = Field::packed}; }

bool apply(const PackDetInputs& params, Sample& sample, RandomContext&) {
  Arena& arena = *sample.arena;
  TreeNode element = element_node("DetDataSample", arena);
  set(element, "gt_instances", instances(sample, false));
  set(element, "ignored_instances", instances(sample, true));
  set(element, "metainfo", meta_of(sample, params.meta_keys));
  sample.packed = map_node(arena);
  set(sample.packed, "inputs", {sample.image});
  set(sample.packed, "data_samples", std::move(element));
  return true;
}

}  // namespace pinfeed
