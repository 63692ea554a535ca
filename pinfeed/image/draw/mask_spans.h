// SPDX-License-Identifier: Apache-2.0
// Masks for comparison (docs/specs/openmmlab-data.md, 6.6).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pinfeed/image/draw/outline.h"
#include "pinfeed/image/draw/run_mask.h"

namespace pinfeed::image {

/// A binary mask as the positions where it begins and ends in turn: the pixels edges[0] ..
/// edges[1] - 1, edges[2] .. edges[3] - 1 and so on, counted column by column from the left and
/// each column from the top. Every edge is larger than the one before it.
struct MaskSpans {
  Size size = {};
  std::vector<std::uint32_t> edges = {};
  std::int64_t area = 0;  // pixels inside
};

/// The pixels that rasterise() sets, without a raster. Throws Error(data) for an image of 2^32
/// pixels or more.
MaskSpans spans_of(const Outline& outline);
/// The same of run lengths, which may have runs of length 0 and must not be longer than the image.
MaskSpans spans_of(std::span<const std::uint32_t> runs, Size size);

/// The run lengths of the outline's pixels, of which only the first may be 0.
RunMask runs_of(const Outline& outline);

/// The smallest window with all pixels of the mask; 0, 0, 0, 0 for an empty one.
Rect bounds_of(const MaskSpans& mask);

/// The IoU of a detection and a ground truth in pixels. For a crowd, the fraction of the detection
/// that it covers. -1 for masks of different sizes.
double mask_iou(const MaskSpans& detection, const MaskSpans& truth, bool crowd);

}  // namespace pinfeed::image
