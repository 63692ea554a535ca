// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/sample.h"

#include <memory>

namespace pinfeed {
namespace {

template <class T>
void keep_values(std::pmr::vector<T>& values, std::span<const std::uint8_t> keep) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (keep[i] != 0) values[count++] = values[i];
  }
  values.resize(count);
}

std::span<const Instance> copied_instances(Arena& arena, std::span<const Instance> instances) {
  auto* copies = static_cast<Instance*>(arena.allocate(instances.size_bytes(), alignof(Instance)));
  std::uninitialized_copy(instances.begin(), instances.end(), copies);
  return {copies, instances.size()};
}

}  // namespace

// The structured binding names every member of SampleArrays: a new one does not compile until it is
// copied here.
Sample copied(const Sample& from, Arena& arena) {
  Sample sample(arena);
  static_cast<SampleValues&>(sample) = from;
  const auto& [instances, boxes, labels, ignore_flags, masks, packed, extra] =
      static_cast<const SampleArrays&>(from);
  sample.instances = copied_instances(arena, instances);
  sample.boxes = boxes;
  sample.labels = labels;
  sample.ignore_flags = ignore_flags;
  sample.masks.assign(masks);
  sample.packed = copied(packed, arena);
  sample.extra = copied(extra, arena);
  return sample;
}

void keep_objects(Sample& sample, std::span<const std::uint8_t> keep) {
  if (sample.fields.has(Field::boxes)) keep_values(sample.boxes, keep);
  if (sample.fields.has(Field::labels)) keep_values(sample.labels, keep);
  if (sample.fields.has(Field::ignore_flags)) keep_values(sample.ignore_flags, keep);
  if (!sample.fields.has(Field::masks)) return;
  if (sample.masks.polygons)
    keep_values(sample.masks.outlines, keep);
  else
    keep_values(sample.masks.bitmaps, keep);
}

}  // namespace pinfeed
