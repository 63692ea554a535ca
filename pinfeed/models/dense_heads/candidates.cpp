// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, BaseDenseHead and filter_scores_and_topk.
#include "pinfeed/models/dense_heads/candidates.h"

#include <algorithm>
#include <limits>

#include "pinfeed/models/ops/batched_nms.h"

namespace pinfeed {
namespace {

// The pairs of one level, `first` its first point, best first.
ScoredPoints best_of_level(const torch::Tensor& scores, std::int64_t first,
                           const DenseTestCfg& test) {
  const std::int64_t classes = scores.size(1);
  const torch::Tensor flat = scores.flatten();
  const torch::Tensor above = (flat > test.score_thr).nonzero().squeeze(1);
  const torch::Tensor index =
      above.index_select(0, largest_first(flat.index_select(0, above), test.nms_pre));
  return {index.div(classes, "floor") + first, index.remainder(classes),
          flat.index_select(0, index)};
}

}  // namespace

// On the host, only the values from the smallest of the largest on are sorted: how many these are,
// a GPU would have to tell. Torch takes NaN for the largest.
torch::Tensor largest_first(const torch::Tensor& numbers, std::int64_t most) {
  const torch::Tensor values =
      numbers.masked_fill(numbers.isnan(), -std::numeric_limits<double>::infinity());
  if (most < 0 || most >= values.size(0)) return std::get<1>(values.sort(true, 0, true));
  if (!values.is_cpu()) return std::get<1>(values.sort(true, 0, true)).narrow(0, 0, most);
  if (most == 0) return torch::empty({0}, torch::kLong);
  const torch::Tensor least = std::get<0>(values.topk(most)).min();
  const torch::Tensor candidates = (values >= least).nonzero().squeeze(1);
  const torch::Tensor order = std::get<1>(values.index_select(0, candidates).sort(true, 0, true));
  return candidates.index_select(0, order.narrow(0, 0, std::min(most, order.size(0))));
}

ScoredPoints best_points(const torch::Tensor& scores, const std::vector<std::int64_t>& per_level,
                         const DenseTestCfg& test_cfg) {
  std::vector<torch::Tensor> points;
  std::vector<torch::Tensor> labels;
  std::vector<torch::Tensor> best_scores;
  std::int64_t first = 0;
  for (const std::int64_t count : per_level) {
    const ScoredPoints level = best_of_level(scores.narrow(0, first, count), first, test_cfg);
    points.push_back(level.points);
    labels.push_back(level.labels);
    best_scores.push_back(level.scores);
    first += count;
  }
  return {torch::cat(points), torch::cat(labels), torch::cat(best_scores)};
}

torch::Tensor in_stored_pixels(const torch::Tensor& boxes, const DetDataSample& sample) {
  const auto width = static_cast<float>(1.0 / sample.scale_width);
  const auto height = static_cast<float>(1.0 / sample.scale_height);
  return boxes * torch::tensor({width, height, width, height}, boxes.options());
}

Detections rows_of(const Detections& found, const torch::Tensor& rows) {
  return {found.boxes.index_select(0, rows), found.scores.index_select(0, rows),
          found.labels.index_select(0, rows)};
}

torch::Tensor finite_rows(const torch::Tensor& boxes) { return boxes.isfinite().all(1); }

Detections without_duplicates(const Detections& found, const Suppression& nms, std::int64_t most,
                              double min_side) {
  const torch::Tensor sides = found.boxes.narrow(1, 2, 2) - found.boxes.narrow(1, 0, 2);
  torch::Tensor usable = finite_rows(found.boxes) & found.scores.isfinite();
  if (min_side >= 0) usable = usable & (sides > min_side).all(1);
  const Detections chosen = rows_of(found, usable.nonzero().squeeze(1));
  const Suppressed remaining = batched_nms(nms, chosen.boxes, chosen.scores, chosen.labels, most);
  Detections result = rows_of(chosen, remaining.indices);
  result.scores = remaining.scores;
  return result;
}

}  // namespace pinfeed
