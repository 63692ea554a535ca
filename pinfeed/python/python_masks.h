// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <memory>
#include <optional>
#include <vector>

#include "pinfeed/data/masks.h"
#include "pinfeed/python/batch_owner.h"

namespace pinfeed::python {

/// pinfeed.Masks: the masks of the objects of a sample, as mmdet's BitmapMasks or PolygonMasks.
/// Pixels of bitmaps are computed when they are asked for.
class PythonMasks {
 public:
  /// `masks` are those of the owner's batch. Without an owner all is copied now.
  PythonMasks(const Masks& masks, std::shared_ptr<BatchOwner> owner);

  bool polygons() const { return polygons_; }
  Size size() const { return size_; }
  std::int64_t count() const { return count_; }
  /// (N, H, W) uint8, 0 or 1. Polygons are drawn.
  Tensor pixels();
  /// The x, y, x, y, ... of each part of each object, empty for bitmaps.
  std::vector<std::vector<std::vector<double>>> corners() const;

 private:
  bool polygons_;
  Size size_;
  std::int64_t count_;
  const Masks* masks_;
  std::shared_ptr<BatchOwner> owner_;
  std::optional<Tensor> pixels_ = {};
  std::vector<std::vector<std::vector<double>>> corners_ = {};
};

}  // namespace pinfeed::python
