// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, AnchorGenerator and anchor_inside_flags.
#include "pinfeed/models/task_modules/anchors.h"

#include <algorithm>
#include <cmath>

#include "pinfeed/models/device_copies.h"

namespace pinfeed {
namespace {

std::vector<double> scales_of(const AnchorGenerator& params) {
  if (params.scales) return *params.scales;
  std::vector<double> scales;
  const int count = params.scales_per_octave.value_or(1);
  for (int i = 0; i < count; ++i) {
    scales.push_back(std::pow(2.0, static_cast<double>(i) / count) *
                     params.octave_base_scale.value_or(1.0));
  }
  return scales;
}

// The anchors at position (0, 0) of a level: (a, 4).
torch::Tensor base_anchors(const AnchorGenerator& params, std::size_t level) {
  const double base = params.base_sizes ? (*params.base_sizes)[level] : params.strides[level];
  const auto single = torch::TensorOptions(torch::kFloat);
  const torch::Tensor scales = torch::tensor(scales_of(params), single);
  const torch::Tensor tall = torch::tensor(params.ratios, single).sqrt();
  const torch::Tensor wide = 1 / tall;
  const auto sides = [&](const torch::Tensor& ratio) {
    return params.scale_major ? (base * ratio.unsqueeze(1) * scales.unsqueeze(0)).flatten()
                              : (base * scales.unsqueeze(1) * ratio.unsqueeze(0)).flatten();
  };
  const torch::Tensor width = sides(wide);
  const torch::Tensor height = sides(tall);
  const double center = params.center_offset * base;
  return torch::stack(
      {center - 0.5 * width, center - 0.5 * height, center + 0.5 * width, center + 0.5 * height},
      1);
}

}  // namespace

Anchors anchors_of(const AnchorGenerator& params, const std::vector<torch::Tensor>& maps) {
  Anchors anchors;
  std::vector<torch::Tensor> levels;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    const auto options = torch::TensorOptions(torch::kFloat);
    const torch::Tensor base = base_anchors(params, i);
    const torch::Tensor y = torch::arange(maps[i].size(2), options) * params.strides[i];
    const torch::Tensor x = torch::arange(maps[i].size(3), options) * params.strides[i];
    const std::vector<torch::Tensor> grid = torch::meshgrid({y, x}, "ij");
    const torch::Tensor shift = torch::stack({grid[1], grid[0], grid[1], grid[0]}, 2);
    levels.push_back((shift.view({-1, 1, 4}) + base.unsqueeze(0)).view({-1, 4}));
    anchors.per_level.push_back(levels.back().size(0));
  }
  anchors.on_host = torch::cat(levels);
  anchors.boxes = sent(anchors.on_host, maps.front().device());
  return anchors;
}

torch::Tensor usable_anchors(const AnchorGenerator& params, const Anchors& anchors,
                             const std::vector<torch::Tensor>& maps, Size image, Size padded,
                             int allowed_border) {
  std::vector<torch::Tensor> levels;
  const std::int64_t each = anchors_per_position(params);
  for (std::size_t i = 0; i < maps.size(); ++i) {
    const std::int64_t rows = maps[i].size(2);
    const std::int64_t columns = maps[i].size(3);
    const auto valid = [&](int side, std::int64_t all) {
      return std::min<std::int64_t>((side + params.strides[i] - 1) / params.strides[i], all);
    };
    torch::Tensor flags = torch::zeros({rows, columns}, torch::kBool);
    flags.narrow(0, 0, valid(padded.height, rows))
        .narrow(1, 0, valid(padded.width, columns))
        .fill_(true);
    levels.push_back(flags.view({-1, 1}).expand({-1, each}).flatten());
  }
  const torch::Tensor flags = torch::cat(levels);
  if (allowed_border < 0) return flags;
  const std::vector<torch::Tensor> side = anchors.on_host.unbind(1);
  return flags & (side[0] >= -allowed_border) & (side[1] >= -allowed_border) &
         (side[2] < image.width + allowed_border) & (side[3] < image.height + allowed_border);
}

}  // namespace pinfeed
