// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, BaseDenseHead._predict_by_feat_single.
#include "pinfeed/models/dense_heads/detections.h"

#include "pinfeed/models/ops/nms.h"

namespace pinfeed {
namespace {

// Pairs of a point and a class, on the host.
struct Candidates {
  torch::Tensor points = {};  // indices into all points
  torch::Tensor labels = {};
  torch::Tensor scores = {};  // of the class alone
};

// The candidates of one level, `first` its first point, best first.
Candidates candidates_of(const torch::Tensor& scores, std::int64_t first,
                         const DenseTestCfg& test) {
  const std::int64_t classes = scores.size(1);
  const torch::Tensor flat = scores.flatten();
  const torch::Tensor above = (flat > test.score_thr).nonzero().squeeze(1);
  const auto [sorted, order] = flat.index_select(0, above).sort(true, 0, true);
  const std::int64_t keep =
      test.nms_pre < 0 ? above.size(0) : std::min<std::int64_t>(test.nms_pre, above.size(0));
  const torch::Tensor index = above.index_select(0, order.narrow(0, 0, keep));
  return {index.div(classes, "floor") + first, index.remainder(classes), sorted.narrow(0, 0, keep)};
}

Candidates all_candidates(const torch::Tensor& scores, const Points& points,
                          const DenseTestCfg& test) {
  std::vector<torch::Tensor> indices;
  std::vector<torch::Tensor> labels;
  std::vector<torch::Tensor> best_scores;
  std::int64_t first = 0;
  for (const std::int64_t count : points.per_level) {
    const Candidates level = candidates_of(scores.narrow(0, first, count), first, test);
    indices.push_back(level.points);
    labels.push_back(level.labels);
    best_scores.push_back(level.scores);
    first += count;
  }
  return {torch::cat(indices), torch::cat(labels), torch::cat(best_scores)};
}

// Corners in pixels of the input, clipped to the image.
torch::Tensor decoded(const torch::Tensor& distances, const torch::Tensor& centers, Size image) {
  const torch::Tensor low = centers - distances.narrow(1, 0, 2);
  const torch::Tensor high = centers + distances.narrow(1, 2, 2);
  const torch::Tensor border = torch::tensor({image.width, image.height}, centers.options());
  const torch::Tensor zero = torch::zeros_like(border);
  return torch::cat({low.clamp(zero, border), high.clamp(zero, border)}, 1);
}

Detections without_duplicates(const Detections& found, const DenseTestCfg& test) {
  const torch::Tensor sides = found.boxes.narrow(1, 2, 2) - found.boxes.narrow(1, 0, 2);
  const torch::Tensor big = (sides > test.min_bbox_size).all(1).nonzero().squeeze(1);
  const auto select = [&](const torch::Tensor& index) -> Detections {
    return {found.boxes.index_select(0, index), found.scores.index_select(0, index),
            found.labels.index_select(0, index)};
  };
  const Detections large = select(big);
  torch::Tensor remaining =
      nms(large.boxes, large.scores, large.labels, test.nms.get().iou_threshold);
  if (test.max_per_img >= 0 && remaining.size(0) > test.max_per_img)
    remaining = remaining.narrow(0, 0, test.max_per_img);
  return select(big.index_select(0, remaining));
}

}  // namespace

Detections detections_of(const DensePrediction& predicted, const Points& points, std::int64_t image,
                         const DetDataSample& sample, bool in_strides,
                         const DenseTestCfg& test_cfg) {
  const torch::Tensor scores = predicted.classes[image].sigmoid().cpu();
  const Candidates chosen = all_candidates(scores, points, test_cfg);
  const auto at = [&](const torch::Tensor& all) {
    return all.cpu().index_select(0, chosen.points);
  };
  torch::Tensor distances = at(predicted.distances[image]);
  if (in_strides) distances = distances * at(points.strides).unsqueeze(1);
  const torch::Tensor boxes = decoded(distances, at(points.centers), sample.img_shape);
  const auto width = static_cast<float>(sample.scale_width);
  const auto height = static_cast<float>(sample.scale_height);
  const torch::Tensor scale = torch::tensor({width, height, width, height});
  const torch::Tensor factor = at(predicted.centerness[image]).sigmoid();
  return without_duplicates({boxes / scale, chosen.scores * factor, chosen.labels}, test_cfg);
}

}  // namespace pinfeed
