// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, FCOSHead.get_targets.
#include "pinfeed/models/dense_heads/fcos_targets.h"

#include <algorithm>

namespace pinfeed {
namespace {

constexpr double no_area = 1e8;  // larger than any box; also marks boxes that do not fit a point

struct TruthBatch {
  torch::Tensor boxes = {};   // (N, G, 4), zeros where an image has fewer boxes
  torch::Tensor labels = {};  // (N, G)
  torch::Tensor areas = {};   // (N, G), no_area where there is no box
};

TruthBatch stacked(const std::vector<Target>& targets) {
  std::vector<torch::Tensor> boxes;
  std::vector<torch::Tensor> labels;
  std::vector<torch::Tensor> areas;
  for (const Target& target : targets) {
    boxes.push_back(target.boxes);
    labels.push_back(target.labels);
    const auto sides = target.boxes.narrow(1, 2, 2) - target.boxes.narrow(1, 0, 2);
    areas.push_back(sides.prod(1));
  }
  return {torch::nn::utils::rnn::pad_sequence(boxes, true),
          torch::nn::utils::rnn::pad_sequence(labels, true),
          torch::nn::utils::rnn::pad_sequence(areas, true, no_area)};
}

// Distances of every point to the sides of every box: (N, P, G, 4); positive inside.
torch::Tensor distances_to(const torch::Tensor& boxes, const torch::Tensor& places) {
  const torch::Tensor corners = boxes.unsqueeze(1);
  const torch::Tensor at = places.view({1, -1, 1, 2});
  return torch::cat({at - corners.narrow(3, 0, 2), corners.narrow(3, 2, 2) - at}, 3);
}

// Squares of `radius` strides around the centres, cut at the boxes: (N, P, G, 4).
torch::Tensor center_distances(const torch::Tensor& boxes, const Points& points, double radius) {
  const torch::Tensor low = boxes.narrow(2, 0, 2).unsqueeze(1);
  const torch::Tensor high = boxes.narrow(2, 2, 2).unsqueeze(1);
  const torch::Tensor center = (low + high) / 2;
  const torch::Tensor reach = (points.strides * radius).view({1, -1, 1, 1});
  const torch::Tensor at = points.places.view({1, -1, 1, 2});
  return torch::cat(
      {at - torch::maximum(center - reach, low), torch::minimum(center + reach, high) - at}, 3);
}

// The area of each box a point may stand for, no_area for the others: (N, P, G).
torch::Tensor fitting_areas(const TruthBatch& truth, const torch::Tensor& distances,
                            const Points& points, const FCOSHead& params) {
  const torch::Tensor nearest =
      params.center_sampling
          ? center_distances(truth.boxes, points, params.center_sample_radius).amin(3)
          : distances.amin(3);
  const torch::Tensor farthest = distances.amax(3);
  const torch::Tensor low = points.ranges.select(1, 0).view({1, -1, 1});
  const torch::Tensor high = points.ranges.select(1, 1).view({1, -1, 1});
  const torch::Tensor fits = (nearest > 0) & (farthest >= low) & (farthest <= high);
  return torch::where(fits, truth.areas.unsqueeze(1), no_area);
}

}  // namespace

Points points_of(const std::vector<torch::Tensor>& maps, const FCOSHead& params) {
  const auto like = torch::TensorOptions(maps.front().device()).dtype(torch::kFloat32);
  Points points;
  std::vector<torch::Tensor> places;
  std::vector<torch::Tensor> strides;
  std::vector<torch::Tensor> ranges;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    const int stride = params.strides[i];
    const torch::Tensor y = (torch::arange(maps[i].size(2), like) + 0.5) * stride;
    const torch::Tensor x = (torch::arange(maps[i].size(3), like) + 0.5) * stride;
    const std::vector<torch::Tensor> grid = torch::meshgrid({y, x}, "ij");
    places.push_back(torch::stack({grid[1].flatten(), grid[0].flatten()}, 1));
    const std::int64_t count = places.back().size(0);
    points.per_level.push_back(count);
    strides.push_back(torch::full({count}, stride, like));
    const auto [low, high] = params.regress_ranges[i];
    ranges.push_back(torch::tensor({low, high}, like).expand({count, 2}));
  }
  points.places = torch::cat(places);
  points.strides = torch::cat(strides);
  points.ranges = torch::cat(ranges);
  return points;
}

PointTargets point_targets(const Points& points, const std::vector<Target>& targets,
                           const FCOSHead& params) {
  const TruthBatch truth = stacked(targets);
  const std::int64_t samples = truth.boxes.size(0);
  const std::int64_t count = points.places.size(0);
  const auto background = torch::full({samples, count}, params.num_classes, truth.labels.options());
  if (truth.boxes.size(1) == 0)
    return {background, torch::zeros({samples, count, 4}, truth.boxes.options())};

  const torch::Tensor distances = distances_to(truth.boxes, points.places);
  const auto [area, box] = fitting_areas(truth, distances, points, params).min(2);
  const torch::Tensor labels =
      torch::where(area < no_area, truth.labels.gather(1, box), background);
  const torch::Tensor own = box.view({samples, count, 1, 1}).expand({samples, count, 1, 4});
  return {labels, distances.gather(2, own).squeeze(2)};
}

torch::Tensor centerness_of(const torch::Tensor& distances) {
  const torch::Tensor opposite =
      torch::stack({distances.narrow(1, 0, 2), distances.narrow(1, 2, 2)}, 2);
  return (opposite.amin(2) / opposite.amax(2)).prod(1).sqrt();
}

}  // namespace pinfeed
