// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory_resource>
#include <span>
#include <vector>

#include "pinfeed/core/geometry.h"
#include "pinfeed/core/tensor.h"
#include "pinfeed/image/expression/image_expr.h"

namespace pinfeed {

/// gt_masks: one for each object, all of one size. Bitmaps are expressions over the outlines, whose
/// pixels are made only where they are read; polygons keep their corners and move along. Everything
/// lives in the arena of the batch.
struct Masks {
  explicit Masks(Arena& memory) : bitmaps(&memory), outlines(&memory) {}
  /// Keeps the memory of `other`'s arena.
  Masks(const Masks& other, Arena& memory)
      : polygons(other.polygons),
        size(other.size),
        bitmaps(other.bitmaps, &memory),
        outlines(other.outlines, &memory) {}

  bool polygons = false;                             // which of the two lists counts
  Size size = {};                                    // pixels
  std::pmr::vector<image::ImageExpr> bitmaps;        // H x W x 1 uint8, 0 or 1
  std::pmr::vector<const image::Outline*> outlines;  // runs are not used

  /// Becomes equal, in its own memory.
  void assign(const Masks& other) {
    polygons = other.polygons;
    size = other.size;
    bitmaps.assign(other.bitmaps.begin(), other.bitmaps.end());
    outlines.assign(other.outlines.begin(), other.outlines.end());
  }

  std::size_t count() const { return polygons ? outlines.size() : bitmaps.size(); }
};

// Each moves the masks as upstream's BitmapMasks and PolygonMasks do (docs/specs/openmmlab-data.md,
// 4).

void resize(Masks& masks, Size size, Arena& arena);
void flip(Masks& masks, image::FlipDirection direction, Arena& arena);
/// The window lies inside.
void crop(Masks& masks, const Rect& window);
/// To `size` at the right and the bottom.
void pad(Masks& masks, Size size, double value);
/// `value` over a window. Polygons stay as they are.
void erase(Masks& masks, const Rect& window, double value);
/// Onto an empty canvas of `size`, (x, y) pixels from its corner.
void expand(Masks& masks, Size size, int x, int y, Arena& arena);

/// Pixels of the masks (N, H, W) uint8, 0 or 1.
Tensor pixels_of(const Masks& masks);
/// First and last column and row, the last ones exclusive; zeros for an empty mask.
Box box_of(const Masks& masks, std::size_t i);
/// Pixels of one mask; polygons: the sum of the areas of their parts.
double area_of(const Masks& masks, std::size_t i);

}  // namespace pinfeed
