// SPDX-License-Identifier: Apache-2.0
// RoIAlign on the CPU. The map is read with its channels last, so that the channels of a position
// lie side by side: each sample of a cell adds four rows of channels. The forward pass gives each
// thread some regions. The backward pass gives each thread some channels of all regions, so that no
// two threads write to one number and each sum has one order.
#include "pinfeed/models/ops/roi_align.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <vector>

#include "pinfeed/models/ops/region_taps.h"
#include "pinfeed/models/torch_parallel.h"

namespace pinfeed {
namespace {

constexpr std::int64_t channels_at_once = 16;  // 64 bytes: threads do not share cache lines

// One region on the map.
struct Region {
  std::int64_t image = 0;
  RegionAxis rows = {};
  RegionAxis columns = {};

  float samples() const {
    return static_cast<float>(std::max<std::int64_t>(1, rows.per_cell * columns.per_cell));
  }
};

Region region_at(const float* row, const RegionGrid& grid, at::IntArrayRef map) {
  const auto scale = static_cast<float>(grid.scale);
  const float offset = grid.aligned ? 0.5F : 0.0F;
  const auto interval = [&](int first, std::int64_t cells, std::int64_t length) {
    const float begin = row[first] * scale - offset;
    float end = row[first + 2] * scale - offset;
    if (!grid.aligned) end = begin + std::max(end - begin, 1.0F);
    return region_axis(begin, end, cells, grid.sampling_ratio, length);
  };
  return {static_cast<std::int64_t>(row[0]), interval(2, grid.height, map[2]),
          interval(1, grid.width, map[3])};
}

std::vector<Region> regions_on(const at::Tensor& regions, const RegionGrid& grid,
                               at::IntArrayRef map) {
  const at::Tensor rows = regions.to(at::kFloat).contiguous();
  std::vector<Region> found(static_cast<std::size_t>(rows.size(0)));
  const auto* values = rows.const_data_ptr<float>();
  for (std::size_t k = 0; k < found.size(); ++k) found[k] = region_at(values + 5 * k, grid, map);
  return found;
}

// Calls visit(cell, y, x, width) for every sample of a cell that lies in the map.
template <class Visit>
void each_tap(const Region& region, const RegionGrid& grid, std::int64_t width, Visit visit) {
  for (std::int64_t cell = 0; cell < grid.height * grid.width; ++cell) {
    const std::int64_t first_row = cell / grid.width * region.rows.per_cell;
    const std::int64_t first_column = cell % grid.width * region.columns.per_cell;
    for (std::int64_t i = 0; i < region.rows.per_cell; ++i) {
      const RegionTap& y = region.rows.taps[static_cast<std::size_t>(first_row + i)];
      if (!y.inside()) continue;
      for (std::int64_t j = 0; j < region.columns.per_cell; ++j) {
        const RegionTap& x = region.columns.taps[static_cast<std::size_t>(first_column + j)];
        if (x.inside()) visit(cell, y, x, width);
      }
    }
  }
}

// The four positions around a sample and their weights.
struct Corners {
  std::array<std::int64_t, 4> position = {};
  std::array<float, 4> weight = {};
};

Corners corners(const RegionTap& y, const RegionTap& x, std::int64_t width) {
  return {{y.low * width + x.low, y.low * width + x.high, y.high * width + x.low,
           y.high * width + x.high},
          {y.low_weight * x.low_weight, y.low_weight * x.high_weight, y.high_weight * x.low_weight,
           y.high_weight * x.high_weight}};
}

// `image` is (H, W, C), `out` (height, width, C).
void average(const Region& region, const RegionGrid& grid, const float* image, std::int64_t width,
             std::int64_t channels, float* out) {
  std::fill(out, out + grid.height * grid.width * channels, 0.0F);
  each_tap(region, grid, width,
           [=](std::int64_t cell, const RegionTap& y, const RegionTap& x, std::int64_t row) {
             const Corners around = corners(y, x, row);
             const float* a = image + around.position[0] * channels;
             const float* b = image + around.position[1] * channels;
             const float* c = image + around.position[2] * channels;
             const float* d = image + around.position[3] * channels;
             const auto [wa, wb, wc, wd] = around.weight;
             float* sum = out + cell * channels;
             for (std::int64_t i = 0; i < channels; ++i)
               sum[i] += wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i];
           });
  const float samples = region.samples();
  for (std::int64_t i = 0; i < grid.height * grid.width * channels; ++i) out[i] /= samples;
}

// Adds the gradient of some channels of a region to that of its image.
void spread(const Region& region, const RegionGrid& grid, const float* gradient, std::int64_t width,
            std::int64_t channels, std::int64_t first, std::int64_t last, float* image) {
  const float samples = region.samples();
  each_tap(region, grid, width,
           [=](std::int64_t cell, const RegionTap& y, const RegionTap& x, std::int64_t row) {
             const Corners around = corners(y, x, row);
             const float* from = gradient + cell * channels;
             for (std::size_t k = 0; k < 4; ++k) {
               const float weight = around.weight[k] / samples;
               if (weight == 0.0F) continue;
               float* to = image + around.position[k] * channels;
               for (std::int64_t i = first; i < last; ++i) to[i] += from[i] * weight;
             }
           });
}

at::Tensor forward_on_host(const at::Tensor& map, const std::vector<Region>& regions,
                           const RegionGrid& grid) {
  const at::Tensor pixels = map.permute({0, 2, 3, 1}).contiguous();
  const std::int64_t channels = map.size(1);
  const std::int64_t width = map.size(3);
  const at::Tensor out =
      at::empty({std::ssize(regions), grid.height, grid.width, channels}, map.options());
  const std::int64_t image = map.size(2) * width * channels;
  const std::int64_t cells = grid.height * grid.width * channels;
  const auto* from = pixels.const_data_ptr<float>();
  auto* to = out.data_ptr<float>();
  in_parallel(std::ssize(regions), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t k = begin; k < end; ++k) {
      const Region& region = regions[static_cast<std::size_t>(k)];
      average(region, grid, from + region.image * image, width, channels, to + k * cells);
    }
  });
  return out.permute({0, 3, 1, 2});
}

at::Tensor backward_on_host(const at::Tensor& gradient, const std::vector<Region>& regions,
                            const RegionGrid& grid, at::IntArrayRef map) {
  const at::Tensor cells = gradient.permute({0, 2, 3, 1}).contiguous();
  const std::int64_t channels = map[1];
  const at::Tensor out = at::zeros({map[0], map[2], map[3], channels}, gradient.options());
  const std::int64_t image = map[2] * map[3] * channels;
  const std::int64_t region_size = grid.height * grid.width * channels;
  const auto* from = cells.const_data_ptr<float>();
  auto* to = out.data_ptr<float>();
  const std::int64_t groups = (channels + channels_at_once - 1) / channels_at_once;
  in_parallel(groups, 1, [&](std::int64_t begin, std::int64_t end) {
    const std::int64_t first = begin * channels_at_once;
    const std::int64_t last = std::min(channels, end * channels_at_once);
    for (std::size_t k = 0; k < regions.size(); ++k) {
      spread(regions[k], grid, from + static_cast<std::int64_t>(k) * region_size, map[3], channels,
             first, last, to + regions[k].image * image);
    }
  });
  return out.permute({0, 3, 1, 2});
}

std::vector<double> written(const RegionGrid& grid) {
  return {static_cast<double>(grid.height), static_cast<double>(grid.width), grid.scale,
          static_cast<double>(grid.sampling_ratio), grid.aligned ? 1.0 : 0.0};
}

RegionGrid read_grid(const std::vector<double>& values) {
  return {.height = static_cast<std::int64_t>(values[0]),
          .width = static_cast<std::int64_t>(values[1]),
          .scale = values[2],
          .sampling_ratio = static_cast<int>(values[3]),
          .aligned = values[4] != 0.0};
}

struct RoIAlignOnHost : torch::autograd::Function<RoIAlignOnHost> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& map,
                            const at::Tensor& regions, const RegionGrid& grid) {
    context->save_for_backward({regions});
    context->saved_data["map"] = map.sizes().vec();
    context->saved_data["grid"] = written(grid);
    return forward_on_host(map, regions_on(regions, grid, map.sizes()), grid);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const RegionGrid grid = read_grid(context->saved_data["grid"].toDoubleVector());
    const std::vector<std::int64_t> map = context->saved_data["map"].toIntVector();
    const at::Tensor regions = context->get_saved_variables()[0];
    return {backward_on_host(gradients[0], regions_on(regions, grid, map), grid, map), {}, {}};
  }
};

}  // namespace

at::Tensor roi_align(const at::Tensor& map, const at::Tensor& regions, const RegionGrid& grid) {
  if (!map.is_cpu()) return roi_align_composed(map, regions, grid);
  if (map.scalar_type() == at::kFloat) return RoIAlignOnHost::apply(map, regions, grid);
  return RoIAlignOnHost::apply(map.to(at::kFloat), regions, grid).to(map.scalar_type());
}

}  // namespace pinfeed
