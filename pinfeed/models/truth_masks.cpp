// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/truth_masks.h"

namespace pinfeed {

std::shared_ptr<TruthMasks> copied_masks(const Masks& masks) {
  auto copy = std::make_shared<TruthMasks>();
  copy->masks.polygons = masks.polygons;
  copy->masks.size = masks.size;
  for (const image::Outline* outline : masks.outlines)
    copy->masks.outlines.push_back(image::copied(*outline, copy->arena));
  for (const image::ImageExpr& bitmap : masks.bitmaps)
    copy->masks.bitmaps.push_back(image::copied(bitmap, copy->arena));
  return copy;
}

}  // namespace pinfeed
