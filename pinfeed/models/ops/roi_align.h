// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

namespace pinfeed {

/// How regions are cut out of a feature map.
struct RegionGrid {
  std::int64_t height = 7;  // cells
  std::int64_t width = 7;
  double scale = 1.0;      // positions of the map per pixel of a region
  int sampling_ratio = 0;  // samples of a cell in each direction; 0: one per position
  bool aligned = true;     // coordinates are of pixels' edges; false: of their centres
};

/// The average of the map in each cell of each region, as mmcv's RoIAlign with pool_mode='avg'.
/// `map` is (N, C, H, W); `regions` (K, 5) are in memory of the host: number of the image, x1, y1,
/// x2, y2 in pixels. Returns (K, C, height, width); zeros for a region with a coordinate that is
/// infinite or NaN. A number of the map that is infinite or NaN affects the cells that read it
/// only. Differentiable in `map`. On the CPU by torch's threads; the result does not depend on
/// their number.
at::Tensor roi_align(const at::Tensor& map, const at::Tensor& regions, const RegionGrid& grid);

/// The same out of matrix products, on any device: the CUDA path, for which the host does not wait,
/// and the reference of tests. A cell that reads a number that is infinite or NaN is NaN in all
/// channels.
at::Tensor roi_align_composed(const at::Tensor& map, const at::Tensor& regions,
                              const RegionGrid& grid);

}  // namespace pinfeed
