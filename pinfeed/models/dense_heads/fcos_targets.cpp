// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, FCOSHead.get_targets.
//
// Assignment of points to boxes. A point is the center of a cell of a level. It may have a box when
//   - the point lies inside the box; with center_sampling, inside the square of
//     center_sample_radius strides around the center of the box, clipped to the box, and
//   - the largest of its four distances to the sides of the box is in the range of its level
//     (regress_ranges), so that each level is responsible for boxes of one size.
// Among the boxes that it may have, a point takes the one of the smallest area. A point without a
// box is background.
//
// Every point is compared with every box of its image. Images are assigned one after the other, and
// of each image so many points at once that the intermediate tensors stay small: 300 boxes on an
// image of 1024x1024 pixels are 26 million pairs, which would take more memory than the model.
#include "pinfeed/models/dense_heads/fcos_targets.h"

#include <algorithm>

namespace pinfeed {
namespace {

constexpr double no_area = 1e8;  // as upstream; marks boxes that a point cannot have
constexpr std::int64_t pairs_at_once = std::int64_t{1} << 19U;  // of a point and a box

// Some consecutive points: a view of them.
Points some_points(const Points& points, std::int64_t first, std::int64_t count) {
  return {.centers = points.centers.narrow(0, first, count),
          .strides = points.strides.narrow(0, first, count),
          .ranges = points.ranges.narrow(0, first, count)};
}

// Distances of every point to the sides of every box: (P, G, 4); positive inside.
torch::Tensor distances_to(const torch::Tensor& boxes, const torch::Tensor& centers) {
  const torch::Tensor corners = boxes.unsqueeze(0);
  const torch::Tensor at = centers.view({-1, 1, 2});
  return torch::cat({at - corners.narrow(2, 0, 2), corners.narrow(2, 2, 2) - at}, 2);
}

// Distances to the sides of squares of `radius` strides around the centers, clipped to the boxes:
// (P, G, 4).
torch::Tensor center_distances(const torch::Tensor& boxes, const Points& points, double radius) {
  const torch::Tensor low = boxes.narrow(1, 0, 2).unsqueeze(0);
  const torch::Tensor high = boxes.narrow(1, 2, 2).unsqueeze(0);
  const torch::Tensor center = (low + high) / 2;
  const torch::Tensor reach = (points.strides * radius).view({-1, 1, 1});
  const torch::Tensor at = points.centers.view({-1, 1, 2});
  return torch::cat(
      {at - torch::maximum(center - reach, low), torch::minimum(center + reach, high) - at}, 2);
}

// The area of each box that a point may have, no_area for the others: (P, G).
torch::Tensor candidate_areas(const torch::Tensor& boxes, const torch::Tensor& distances,
                              const Points& points, const FCOSHead& params) {
  const torch::Tensor nearest =
      params.center_sampling ? center_distances(boxes, points, params.center_sample_radius).amin(2)
                             : distances.amin(2);
  const torch::Tensor farthest = distances.amax(2);
  const torch::Tensor low = points.ranges.select(1, 0).unsqueeze(1);
  const torch::Tensor high = points.ranges.select(1, 1).unsqueeze(1);
  const torch::Tensor fits = (nearest > 0) & (farthest >= low) & (farthest <= high);
  const torch::Tensor areas = (boxes.narrow(1, 2, 2) - boxes.narrow(1, 0, 2)).prod(1);
  return torch::where(fits, areas.unsqueeze(0), no_area);
}

// Writes the targets of some points of one image. `labels` is (P), `distances` (P, 4).
void assign(const Points& points, const DetDataSample& sample, const FCOSHead& params,
            torch::Tensor labels, torch::Tensor distances) {
  const torch::Tensor all = distances_to(sample.boxes, points.centers);
  const auto [area, box] = candidate_areas(sample.boxes, all, points, params).min(1);
  labels.copy_(torch::where(area < no_area, sample.labels.index_select(0, box), labels));
  const torch::Tensor own = box.view({-1, 1, 1}).expand({-1, 1, 4});
  distances.copy_(all.gather(1, own).squeeze(1));
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
    ranges.push_back(
        torch::stack({torch::full({count}, low, like), torch::full({count}, high, like)}, 1));
  }
  points.centers = torch::cat(centers);
  points.strides = torch::cat(strides);
  points.ranges = torch::cat(ranges);
  return points;
}

PointTargets point_targets(const Points& points, const std::vector<DetDataSample>& samples,
                           const FCOSHead& params) {
  const auto images = static_cast<std::int64_t>(samples.size());
  const std::int64_t count = points.centers.size(0);
  const auto like = points.centers.options();
  PointTargets targets{
      .labels = torch::full({images, count}, params.num_classes, like.dtype(torch::kInt64)),
      .distances = torch::zeros({images, count, 4}, like)};
  for (std::int64_t i = 0; i < images; ++i) {
    const DetDataSample& sample = samples[static_cast<std::size_t>(i)];
    const std::int64_t boxes = sample.boxes.size(0);
    if (boxes == 0) continue;
    const std::int64_t at_once = std::max<std::int64_t>(1, pairs_at_once / boxes);
    for (std::int64_t first = 0; first < count; first += at_once) {
      const std::int64_t some = std::min(at_once, count - first);
      assign(some_points(points, first, some), sample, params,
             targets.labels[i].narrow(0, first, some), targets.distances[i].narrow(0, first, some));
    }
  }
  return targets;
}

torch::Tensor centerness_of(const torch::Tensor& distances) {
  const torch::Tensor opposite =
      torch::stack({distances.narrow(1, 0, 2), distances.narrow(1, 2, 2)}, 2);
  return (opposite.amin(2) / opposite.amax(2)).prod(1).sqrt();
}

}  // namespace pinfeed
