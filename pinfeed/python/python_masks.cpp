// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/python/python_masks.h"

#include <utility>

namespace pinfeed::python {
namespace {

using Corners = std::vector<std::vector<std::vector<double>>>;

Corners corners_of(const Masks& masks) {
  Corners objects;
  if (!masks.polygons) return objects;
  for (const image::Outline* outline : masks.outlines) {
    std::vector<std::vector<double>>& parts = objects.emplace_back();
    for (const std::span<const double> part : outline->polygons)
      parts.emplace_back(part.begin(), part.end());
  }
  return objects;
}

}  // namespace

PythonMasks::PythonMasks(const Masks& masks, std::shared_ptr<BatchOwner> owner)
    : polygons_(masks.polygons),
      size_(masks.size),
      count_(static_cast<std::int64_t>(masks.count())),
      masks_(owner ? &masks : nullptr),
      owner_(std::move(owner)) {
  if (owner_) return;
  pixels_ = pixels_of(masks);
  corners_ = corners_of(masks);
}

Tensor PythonMasks::pixels() {
  if (!pixels_) pixels_ = pixels_of(*masks_);
  return *pixels_;
}

Corners PythonMasks::corners() const { return masks_ != nullptr ? corners_of(*masks_) : corners_; }

}  // namespace pinfeed::python
