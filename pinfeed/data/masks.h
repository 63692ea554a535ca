// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory_resource>
#include <span>
#include <vector>

#include "pinfeed/core/geometry.h"
#include "pinfeed/core/tensor.h"
#include "pinfeed/image/expression/image_expr.h"

namespace pinfeed {

/// gt_masks: one mask per object, all of one size. Bitmaps are expressions over the outlines, whose
/// pixels are computed only when they are read; polygons are lists of corners. All memory is in the
/// arena of the batch.
struct Masks {
  explicit Masks(Arena& memory) : bitmaps(&memory), outlines(&memory) {}
  /// A copy whose lists are in `memory`; the expressions and outlines are shared.
  Masks(const Masks& other, Arena& memory)
      : polygons(other.polygons),
        size(other.size),
        bitmaps(other.bitmaps, &memory),
        outlines(other.outlines, &memory) {}

  bool polygons = false;                             // which of the two lists is used
  Size size = {};                                    // pixels
  std::pmr::vector<image::ImageExpr> bitmaps;        // H x W x 1, uint8, 0 or 1
  std::pmr::vector<const image::Outline*> outlines;  // polygons; Outline::runs is not used

  /// Copies the masks, keeping the own memory resource.
  void assign(const Masks& other) {
    polygons = other.polygons;
    size = other.size;
    bitmaps.assign(other.bitmaps.begin(), other.bitmaps.end());
    outlines.assign(other.outlines.begin(), other.outlines.end());
  }

  std::size_t count() const { return polygons ? outlines.size() : bitmaps.size(); }
};

// These functions change the masks as upstream's BitmapMasks and PolygonMasks do
// (docs/specs/openmmlab-data.md, 4).

void resize(Masks& masks, Size size, Arena& arena);
void flip(Masks& masks, image::FlipDirection direction, Arena& arena);
/// Crops to a window inside the masks.
void crop(Masks& masks, const Rect& window);
/// Pads to `size` at the right and the bottom. Polygons keep their corners.
void pad(Masks& masks, Size size, double value);
/// Writes `value` into a window. Polygons are not changed.
void erase(Masks& masks, const Rect& window, double value);
/// Moves the masks to (x, y) of an empty canvas of `size`.
void expand(Masks& masks, Size size, int x, int y, Arena& arena);

/// The pixels of all masks: (N, H, W), uint8, 0 or 1.
Tensor pixels_of(const Masks& masks);
/// The box around a mask, its right and bottom exclusive; all zeros for an empty mask.
Box box_of(const Masks& masks, std::size_t i);
/// The number of pixels of a mask; for polygons the sum of the areas of its parts.
double area_of(const Masks& masks, std::size_t i);

}  // namespace pinfeed
