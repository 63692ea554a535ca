// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, BaseDenseHead._predict_by_feat_single.
#include "pinfeed/models/dense_heads/detections.h"

#include "pinfeed/models/dense_heads/candidates.h"
#include "pinfeed/models/task_modules/box_coder.h"

namespace pinfeed {

Detections detections_of(const DensePrediction& predicted, const Points& points, std::int64_t image,
                         const DetDataSample& sample, bool in_strides,
                         const DenseTestCfg& test_cfg) {
  const torch::Tensor scores = predicted.classes[image].sigmoid();
  const ScoredPoints chosen = best_points(scores, points.per_level, test_cfg);
  const auto at = [&](const torch::Tensor& all) { return all.index_select(0, chosen.points); };
  torch::Tensor distances = at(predicted.distances[image]);
  if (in_strides) distances = distances * at(points.strides).unsqueeze(1);
  const torch::Tensor boxes =
      decoded_boxes(DistancePointBBoxCoder{}, at(points.centers), distances, sample.img_shape);
  const torch::Tensor factor = at(predicted.centerness[image]).sigmoid();
  return without_duplicates(
      {in_stored_pixels(boxes, sample), chosen.scores * factor, chosen.labels}, test_cfg.nms,
      test_cfg.max_per_img, test_cfg.min_bbox_size);
}

}  // namespace pinfeed
