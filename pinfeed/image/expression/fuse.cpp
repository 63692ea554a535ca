// SPDX-License-Identifier: Apache-2.0
// The fusing rules.
//
// A pass (pass.h) reads its source once: crop, flip, resize, crop, flip, placement on a canvas with
// fills, conversion to float. A step joins the pass where it can be expressed by changing these
// members, so that each pixel of the result is still computed from the same inputs by the same
// operations as if every step were run alone. Therefore no bit changes:
//
// - Crops, flips and placements only move pixels. They change rectangles, never values.
// - A resize reads the window that was cropped before it and no pixel outside, because OpenCV's
//   neighbours stop at the border of its input. A pass has one resize, before fills and float.
// - Fills are written last and are stored as OpenCV stores them. Steps after them move or convert
//   the fill values exactly as they would convert the pixels.
// - Normalization is applied per value; a second one would round twice, so it needs a new pass.
//
// A step that does not join gets a new pass over the stored result of the one before.
#include "pinfeed/image/expression/fuse.h"

#include <algorithm>
#include <cmath>

#include "pinfeed/image/expression/fuse_rules.h"
#include "pinfeed/image/rects.h"

namespace pinfeed::image {

float stored_fill(double value, DType dtype) {
  if (dtype == DType::float32) return static_cast<float>(value);
  return static_cast<float>(std::clamp(std::nearbyint(value), 0.0, 255.0));
}

Pass identity_pass(const ImageView& pixels) {
  Pass pass;
  pass.pixels = pixels;
  pass.window = pass.crop = whole(pixels.size());
  pass.resized = pass.canvas = pixels.size();
  return pass;
}

std::optional<ImageView> unchanged_part(const Pass& pass) {
  const bool changes = pass.encoded != nullptr || pass.resize || pass.to_float ||
                       pass.fill_count > 0 || pass.flipped_horizontally ||
                       pass.flipped_vertically || pass.window_flipped_horizontally ||
                       pass.window_flipped_vertically;
  if (changes || is_empty(pass.crop) || pass.canvas != Size{pass.crop.width, pass.crop.height}) {
    return std::nullopt;
  }
  return part_of(pass.pixels, moved(pass.crop, pass.window.x, pass.window.y));
}

void crop_result(Pass& pass, Rect window) { fuse_step(pass, Cropped{window}, {}); }

bool try_fuse(Pass& pass, const Node& node) {
  return std::visit([&](const auto& step) { return fuse_step(pass, step, node.size); }, node.step);
}

}  // namespace pinfeed::image
