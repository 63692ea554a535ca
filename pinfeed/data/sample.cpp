// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/sample.h"

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

}  // namespace

void keep_objects(Sample& sample, std::span<const std::uint8_t> keep) {
  if (sample.fields.has(Field::boxes)) keep_in(sample.boxes, keep);
  if (sample.fields.has(Field::labels)) keep_in(sample.labels, keep);
  if (sample.fields.has(Field::ignore_flags)) keep_in(sample.ignore_flags, keep);
}

}  // namespace pinfeed
