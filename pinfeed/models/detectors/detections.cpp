// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, BaseDenseHead._predict_by_feat_single.
#include "pinfeed/models/detectors/detections.h"

#include "pinfeed/models/ops/nms.h"

namespace pinfeed {
namespace {

// Pairs of a point and a class, on the host.
struct Candidates {
  torch::Tensor points = {};  // places among all points
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
  const torch::Tensor place = above.index_select(0, order.narrow(0, 0, keep));
  return {place.div(classes, "floor") + first, place.remainder(classes), sorted.narrow(0, 0, keep)};
}

Candidates all_candidates(const torch::Tensor& scores, const Points& points,
                          const DenseTestCfg& test) {
  std::vector<torch::Tensor> places;
  std::vector<torch::Tensor> labels;
  std::vector<torch::Tensor> kept;
  std::int64_t first = 0;
  for (const std::int64_t count : points.per_level) {
    const Candidates level = candidates_of(scores.narrow(0, first, count), first, test);
    places.push_back(level.points);
    labels.push_back(level.labels);
    kept.push_back(level.scores);
    first += count;
  }
  return {torch::cat(places), torch::cat(labels), torch::cat(kept)};
}

// Corners in pixels of the input, cut at the image.
torch::Tensor decoded(const torch::Tensor& distances, const torch::Tensor& places, Size image) {
  const torch::Tensor low = places - distances.narrow(1, 0, 2);
  const torch::Tensor high = places + distances.narrow(1, 2, 2);
  const torch::Tensor border = torch::tensor({image.width, image.height}, places.options());
  const torch::Tensor zero = torch::zeros_like(border);
  return torch::cat({low.clamp(zero, border), high.clamp(zero, border)}, 1);
}

Detections suppressed(const Detections& found, const DenseTestCfg& test) {
  const torch::Tensor sides = found.boxes.narrow(1, 2, 2) - found.boxes.narrow(1, 0, 2);
  const torch::Tensor big = (sides > test.min_bbox_size).all(1).nonzero().squeeze(1);
  const auto pick = [&](const torch::Tensor& places) -> Detections {
    return {found.boxes.index_select(0, places), found.scores.index_select(0, places),
            found.labels.index_select(0, places)};
  };
  const Detections large = pick(big);
  torch::Tensor kept = nms(large.boxes, large.scores, large.labels, test.nms.get().iou_threshold);
  if (test.max_per_img >= 0 && kept.size(0) > test.max_per_img)
    kept = kept.narrow(0, 0, test.max_per_img);
  return pick(big.index_select(0, kept));
}

}  // namespace

Detections detections_of(const DensePrediction& said, const Points& points, std::int64_t image,
                         const Target& target, const FCOS& params) {
  const torch::Tensor scores = said.classes[image].sigmoid().cpu();
  const Candidates chosen = all_candidates(scores, points, params.test_cfg);
  const auto at = [&](const torch::Tensor& all) {
    return all.cpu().index_select(0, chosen.points);
  };
  torch::Tensor distances = at(said.distances[image]);
  if (params.bbox_head.get().norm_on_bbox) distances = distances * at(points.strides).unsqueeze(1);
  const torch::Tensor boxes = decoded(distances, at(points.places), target.img_shape);
  const auto width = static_cast<float>(target.scale_width);
  const auto height = static_cast<float>(target.scale_height);
  const torch::Tensor scale = torch::tensor({width, height, width, height});
  const torch::Tensor factor = at(said.centerness[image]).sigmoid();
  return suppressed({boxes / scale, chosen.scores * factor, chosen.labels}, params.test_cfg);
}

}  // namespace pinfeed
