// SPDX-License-Identifier: Apache-2.0
// RoIAlign as matrix products. The bilinear weights of a sample are products of a weight of its row
// and one of its column, so the average of a cell is R * map * C: R has the mean weights of the
// rows (cells x H), C those of the columns. Some regions of an image at once, so that the products
// stay small.
#include "pinfeed/models/ops/roi_align.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "pinfeed/models/device_copies.h"

namespace pinfeed {
namespace {

constexpr std::int64_t numbers_at_once = std::int64_t{1} << 26U;  // of the intermediate product

// The most samples that a cell of some regions has in one direction.
std::int64_t most_per_cell(const at::Tensor& per_cell) {
  if (per_cell.size(0) == 0) return 1;
  return std::max<std::int64_t>(1, per_cell.max().to(at::kLong).item<std::int64_t>());
}

// The mean weight of every position of an axis in every cell: (K, cells, length) on `device`.
// `begin` and `end` are of the host.
at::Tensor axis_weights(const at::Tensor& begin, const at::Tensor& end, std::int64_t cells,
                        int sampling_ratio, std::int64_t length, at::Device device) {
  const at::Tensor side = (end - begin) / static_cast<double>(cells);
  const at::Tensor samples =
      sampling_ratio > 0 ? at::full_like(side, sampling_ratio) : side.ceil().clamp(0, 4096);
  const std::int64_t most = most_per_cell(samples);
  const at::Tensor numbers = sent(at::stack({begin, side, samples}), device).view({3, -1, 1, 1});
  const at::Tensor cell = numbers[1];
  const at::Tensor per_cell = numbers[2];
  const at::Tensor count = per_cell.clamp_min(1);
  const auto options = numbers.options();
  const at::Tensor sample = at::arange(most, options).view({1, 1, -1});
  const at::Tensor number = at::arange(cells, options).view({1, -1, 1});
  const at::Tensor position = numbers[0] + number * cell + (sample + 0.5) * cell / count;
  const at::Tensor used =
      (sample < per_cell) & (position >= -1.0) & (position <= static_cast<double>(length));
  const at::Tensor inside = position.clamp(0.0, static_cast<double>(length - 1));
  const at::Tensor low = inside.floor();
  const at::Tensor fraction = inside - low;
  const at::Tensor weight = used.to(options.dtype()) / count;
  const at::Tensor low_index = low.to(at::kLong);
  const at::Tensor high_index = (low_index + 1).clamp_max(length - 1);
  return at::zeros({begin.size(0), cells, length}, options)
      .scatter_add(2, low_index, weight * (1 - fraction))
      .scatter_add(2, high_index, weight * fraction);
}

// R * map * C for each region: `rows` is (K, height, H), `columns` (K, width, W).
at::Tensor weighted_sums(const at::Tensor& map, const at::Tensor& rows, const at::Tensor& columns) {
  const std::int64_t count = rows.size(0);
  const std::int64_t height = rows.size(1);
  // (K * height, H) x (H, C * W) -> (K, height * C, W), then x (K, W, width).
  const at::Tensor lines = at::matmul(rows.flatten(0, 1), map.permute({1, 0, 2}).flatten(1, 2));
  const at::Tensor wide = lines.view({count, height * map.size(0), map.size(2)});
  return at::matmul(wide, columns.transpose(1, 2))
      .view({count, height, map.size(0), columns.size(1)})
      .transpose(1, 2);
}

// A map (C, H, W) of one image. In a product one NaN makes all cells NaN, so numbers that are not
// finite are left out, and then the cells that read a position with one become NaN.
struct CleanMap {
  at::Tensor pixels = {};
  at::Tensor missing = {};  // (1, H, W): 1 where a channel is not finite

  explicit CleanMap(const at::Tensor& map) {
    const at::Tensor finite = map.isfinite();
    pixels = map.masked_fill(~finite, 0.0);
    missing = (~finite.all(0, true)).to(map.scalar_type());
  }
};

// `regions` (K, 4) are on the map, and of the host.
at::Tensor average_regions(const CleanMap& map, const at::Tensor& regions, const RegionGrid& grid) {
  const at::Device device = map.pixels.device();
  const at::Tensor rows = axis_weights(regions.select(1, 1), regions.select(1, 3), grid.height,
                                       grid.sampling_ratio, map.pixels.size(1), device);
  const at::Tensor columns = axis_weights(regions.select(1, 0), regions.select(1, 2), grid.width,
                                          grid.sampling_ratio, map.pixels.size(2), device);
  return weighted_sums(map.pixels, rows, columns)
      .masked_fill(weighted_sums(map.missing, rows, columns) > 0,
                   std::numeric_limits<double>::quiet_NaN());
}

// Regions that are not finite lie where no position of the map is.
at::Tensor on_map(const at::Tensor& regions, const RegionGrid& grid) {
  constexpr double outside = -16.0;
  const at::Tensor scaled = regions.narrow(1, 1, 4) * grid.scale - (grid.aligned ? 0.5 : 0.0);
  const at::Tensor corners = at::where(scaled.isfinite().all(1, true), scaled, outside);
  if (grid.aligned) return corners;
  const at::Tensor low = corners.narrow(1, 0, 2);
  return at::cat({low, low + (corners.narrow(1, 2, 2) - low).clamp_min(1.0)}, 1);
}

}  // namespace

at::Tensor roi_align_composed(const at::Tensor& map, const at::Tensor& regions,
                              const RegionGrid& grid) {
  const at::Tensor corners = on_map(regions.to(at::kFloat), grid);
  const at::Tensor image = regions.select(1, 0).to(at::kLong);
  const std::int64_t region_size = grid.height * map.size(1) * map.size(3);
  const std::int64_t at_once = std::max<std::int64_t>(1, numbers_at_once / region_size);
  std::vector<at::Tensor> parts = {map.new_empty({0, map.size(1), grid.height, grid.width})};
  std::vector<at::Tensor> places = {image.new_empty({0})};
  for (std::int64_t i = 0; i < map.size(0); ++i) {
    const at::Tensor own = (image == i).nonzero().squeeze(1);
    if (own.size(0) == 0) continue;
    const CleanMap clean(map[i].to(at::kFloat));
    for (const at::Tensor& some : own.split(at_once)) {
      const at::Tensor cells = average_regions(clean, corners.index_select(0, some), grid);
      parts.push_back(cells.to(map.scalar_type()));
      places.push_back(some);
    }
  }
  return at::cat(parts).index_select(0, sent(at::cat(places).argsort(), map.device()));
}

}  // namespace pinfeed
