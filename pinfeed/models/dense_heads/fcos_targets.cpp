// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, FCOSHead.get_targets.
//
// Assignment of points to boxes. A point is the center of a cell of a level. It may have a box when
//   - the point lies inside the box; with center_sampling, inside the square of
//     center_sample_radius strides around the center of the box, clipped to the box, and
//   - the largest of its four distances to the sides of the box is in the range of its level
//     (regress_ranges), so that each level is responsible for boxes of one size.
// Among the boxes that it may have, a point takes the one of the smallest area. A point without a
// box is background. Images with fewer boxes are padded with boxes of area `no_area`, which is
// larger than any real area, so that one tensor operation assigns the whole batch and a padding box
// never wins over a real one.
#include "pinfeed/models/dense_heads/fcos_targets.h"

#include <algorithm>

namespace pinfeed {
namespace {

constexpr double no_area = 1e8;  // larger than any box; marks boxes that a point cannot have

struct BatchTruth {
  torch::Tensor boxes = {};   // (N, G, 4), zeros where an image has fewer boxes
  torch::Tensor labels = {};  // (N, G)
  torch::Tensor areas = {};   // (N, G), no_area where there is no box
};

BatchTruth stacked(const std::vector<DetDataSample>& samples) {
  std::vector<torch::Tensor> boxes;
  std::vector<torch::Tensor> labels;
  std::vector<torch::Tensor> areas;
  for (const DetDataSample& sample : samples) {
    boxes.push_back(sample.boxes);
    labels.push_back(sample.labels);
    const auto sides = sample.boxes.narrow(1, 2, 2) - sample.boxes.narrow(1, 0, 2);
    areas.push_back(sides.prod(1));
  }
  return {torch::nn::utils::rnn::pad_sequence(boxes, true),
          torch::nn::utils::rnn::pad_sequence(labels, true),
          torch::nn::utils::rnn::pad_sequence(areas, true, no_area)};
}

// Distances of every point to the sides of every box: (N, P, G, 4); positive inside.
torch::Tensor distances_to(const torch::Tensor& boxes, const torch::Tensor& centers) {
  const torch::Tensor corners = boxes.unsqueeze(1);
  const torch::Tensor at = centers.view({1, -1, 1, 2});
  return torch::cat({at - corners.narrow(3, 0, 2), corners.narrow(3, 2, 2) - at}, 3);
}

// Distances to the sides of squares of `radius` strides around the centers, clipped to the boxes:
// (N, P, G, 4).
torch::Tensor center_distances(const torch::Tensor& boxes, const Points& points, double radius) {
  const torch::Tensor low = boxes.narrow(2, 0, 2).unsqueeze(1);
  const torch::Tensor high = boxes.narrow(2, 2, 2).unsqueeze(1);
  const torch::Tensor center = (low + high) / 2;
  const torch::Tensor reach = (points.strides * radius).view({1, -1, 1, 1});
  const torch::Tensor at = points.centers.view({1, -1, 1, 2});
  return torch::cat(
      {at - torch::maximum(center - reach, low), torch::minimum(center + reach, high) - at}, 3);
}

// The area of each box that a point may have, no_area for the others: (N, P, G).
torch::Tensor candidate_areas(const BatchTruth& truth, const torch::Tensor& distances,
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
  std::vector<torch::Tensor> centers;
  std::vector<torch::Tensor> strides;
  std::vector<torch::Tensor> ranges;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    const int stride = params.strides[i];
    const torch::Tensor y = (torch::arange(maps[i].size(2), like) + 0.5) * stride;
    const torch::Tensor x = (torch::arange(maps[i].size(3), like) + 0.5) * stride;
    const std::vector<torch::Tensor> grid = torch::meshgrid({y, x}, "ij");
    centers.push_back(torch::stack({grid[1].flatten(), grid[0].flatten()}, 1));
    const std::int64_t count = centers.back().size(0);
    points.per_level.push_back(count);
    strides.push_back(torch::full({count}, stride, like));
    const auto [low, high] = params.regress_ranges[i];
    ranges.push_back(torch::tensor({low, high}, like).expand({count, 2}));
  }
  points.centers = torch::cat(centers);
  points.strides = torch::cat(strides);
  points.ranges = torch::cat(ranges);
  return points;
}

PointTargets point_targets(const Points& points, const std::vector<DetDataSample>& samples,
                           const FCOSHead& params) {
  const BatchTruth truth = stacked(samples);
  const std::int64_t images = truth.boxes.size(0);
  const std::int64_t point_count = points.centers.size(0);
  const auto background =
      torch::full({images, point_count}, params.num_classes, truth.labels.options());
  if (truth.boxes.size(1) == 0)
    return {background, torch::zeros({images, point_count, 4}, truth.boxes.options())};

  const torch::Tensor distances = distances_to(truth.boxes, points.centers);
  const auto [area, box] = candidate_areas(truth, distances, points, params).min(2);
  const torch::Tensor labels =
      torch::where(area < no_area, truth.labels.gather(1, box), background);
  const torch::Tensor own =
      box.view({images, point_count, 1, 1}).expand({images, point_count, 1, 4});
  return {labels, distances.gather(2, own).squeeze(2)};
}

torch::Tensor centerness_of(const torch::Tensor& distances) {
  const torch::Tensor opposite =
      torch::stack({distances.narrow(1, 0, 2), distances.narrow(1, 2, 2)}, 2);
  return (opposite.amin(2) / opposite.amax(2)).prod(1).sqrt();
}

}  // namespace pinfeed
