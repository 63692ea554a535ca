// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, _do_paste_mask; torch's grid_sample with align_corners=False, whose
// cells outside the mask are 0.
#include "pinfeed/models/roi_heads/paste_masks.h"

#include <algorithm>
#include <cmath>

#include "pinfeed/models/torch_parallel.h"

namespace pinfeed {
namespace {

// Where a pixel of an axis lies between two cells; a weight of 0 for a cell outside.
struct PasteTap {
  std::int64_t low = 0;
  std::int64_t high = 0;
  float low_weight = 0.0F;
  float high_weight = 0.0F;
};

PasteTap paste_tap(float pixel, float begin, float end, std::int64_t cells) {
  float position = (pixel - begin) / (end - begin) * 2.0F - 1.0F;
  if (std::isinf(position)) position = 0.0F;
  const float cell = (position + 1.0F) * (static_cast<float>(cells) / 2.0F) - 0.5F;
  if (!(cell > -1.0F && cell < static_cast<float>(cells))) return {};
  const float before = std::floor(cell);
  const auto low = static_cast<std::int64_t>(before);
  PasteTap tap{low, low + 1, before + 1.0F - cell, cell - before};
  if (low < 0) tap = {0, tap.high, 0.0F, tap.high_weight};
  if (tap.high >= cells) tap = {tap.low, cells - 1, tap.low_weight, 0.0F};
  return tap;
}

// The pixels `first` to `end` - 1 of an axis that a box may cover, and their taps.
struct PasteAxis {
  int first = 0;
  int end = 0;
  std::vector<PasteTap> taps = {};
};

PasteAxis paste_axis(float begin, float end, int length, std::int64_t cells) {
  if (!std::isfinite(begin) || !std::isfinite(end)) return {};
  const float last = static_cast<float>(length);
  PasteAxis axis{.first = static_cast<int>(std::clamp(std::floor(begin) - 1.0F, 0.0F, last)),
                 .end = static_cast<int>(std::clamp(std::ceil(end) + 1.0F, 0.0F, last))};
  for (int i = axis.first; i < axis.end; ++i)
    axis.taps.push_back(paste_tap(static_cast<float>(i) + 0.5F, begin, end, cells));
  return axis;
}

RunMask pasted_mask(const float* cells, std::int64_t rows, std::int64_t columns, const float* box,
                    Size image, float threshold) {
  const PasteAxis across = paste_axis(box[0], box[2], image.width, columns);
  const PasteAxis down = paste_axis(box[1], box[3], image.height, rows);
  RunMask mask{.size = image};
  RunWriter writer(mask);
  const auto height = static_cast<std::uint32_t>(image.height);
  writer.add(false, static_cast<std::uint32_t>(across.first) * height);
  for (const PasteTap& x : across.taps) {
    writer.add(false, static_cast<std::uint32_t>(down.first));
    for (const PasteTap& y : down.taps) {
      const float* above = cells + y.low * columns;
      const float* below = cells + y.high * columns;
      const float value = above[x.low] * (x.low_weight * y.low_weight) +
                          above[x.high] * (x.high_weight * y.low_weight) +
                          below[x.low] * (x.low_weight * y.high_weight) +
                          below[x.high] * (x.high_weight * y.high_weight);
      writer.add(value >= threshold, 1);
    }
    const int covered = down.first + static_cast<int>(std::ssize(down.taps));
    writer.add(false, static_cast<std::uint32_t>(image.height - covered));
  }
  const int covered = across.first + static_cast<int>(std::ssize(across.taps));
  writer.add(false, static_cast<std::uint32_t>(image.width - covered) * height);
  writer.finish();
  return mask;
}

}  // namespace

std::vector<RunMask> pasted_masks(const torch::Tensor& probabilities, const torch::Tensor& boxes,
                                  Size image, double threshold) {
  const torch::Tensor cells = probabilities.contiguous();
  const torch::Tensor corners = boxes.contiguous();
  const std::int64_t rows = cells.size(1);
  const std::int64_t columns = cells.size(2);
  std::vector<RunMask> masks(static_cast<std::size_t>(cells.size(0)));
  const auto* value = cells.const_data_ptr<float>();
  const auto* corner = corners.const_data_ptr<float>();
  in_parallel(std::ssize(masks), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      masks[static_cast<std::size_t>(i)] =
          pasted_mask(value + i * rows * columns, rows, columns, corner + 4 * i, image,
                      static_cast<float>(threshold));
    }
  });
  return masks;
}

}  // namespace pinfeed
