// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, MaxIoUAssigner and bbox_overlaps.
//
//   1. Every prior is unused (-1).
//   2. A prior whose largest IoU is below neg_iou_thr is negative (0).
//   3. A prior whose largest IoU is at least pos_iou_thr has that object.
//   4. With match_low_quality, the priors with the largest IoU of an object have that object, if it
//      is at least min_pos_iou; of several objects the last one.
// All pairs of 300 boxes and 270,000 anchors take gigabytes, so priors are compared in parts; step
// 4, which needs the best prior of all parts, computes the overlaps again if they are many.
#include "pinfeed/models/task_modules/assigner.h"

#include <algorithm>

namespace pinfeed {
namespace {

constexpr std::int64_t overlaps_at_once = std::int64_t{1} << 20U;  // of an object and a prior
constexpr std::int64_t overlaps_kept = std::int64_t{1} << 23U;     // for step 4: 32 MiB

torch::Tensor sides_product(const torch::Tensor& low, const torch::Tensor& high) {
  const torch::Tensor sides = high - low;
  return sides.select(-1, 0) * sides.select(-1, 1);
}

// Priors that lie in ignored objects: (n) bool.
torch::Tensor in_ignored(const MaxIoUAssigner& params, const torch::Tensor& priors,
                         const torch::Tensor& ignored) {
  const torch::Tensor parts = params.ignore_wrt_candidates
                                  ? box_overlaps(priors, ignored, true).amax(1)
                                  : box_overlaps(ignored, priors, true).amax(0);
  return parts > params.ignore_iof_thr;
}

// Overlaps of all objects with some priors: (g, n); -1 where the prior is ignored.
torch::Tensor overlaps_with(const MaxIoUAssigner& params, const torch::Tensor& priors,
                            const DetDataSample& truth) {
  const torch::Tensor overlaps = box_overlaps(truth.boxes, priors);
  if (params.ignore_iof_thr <= 0 || truth.ignored_boxes.size(0) == 0) return overlaps;
  const torch::Tensor ignored = in_ignored(params, priors, truth.ignored_boxes);
  return overlaps.masked_fill(ignored.unsqueeze(0), -1.0);
}

// Steps 1 to 3 for some priors.
torch::Tensor by_threshold(const MaxIoUAssigner& params, const torch::Tensor& overlaps) {
  const auto [best, object] = overlaps.max(0);
  torch::Tensor result = torch::full_like(object, -1);
  torch::Tensor negative;
  if (const auto* range = std::get_if<std::array<double, 2>>(&params.neg_iou_thr)) {
    negative = (best >= (*range)[0]) & (best < (*range)[1]);
  } else {
    negative = (best >= 0) & (best < std::get<double>(params.neg_iou_thr));
  }
  result.masked_fill_(negative, 0);
  return torch::where(best >= params.pos_iou_thr, object + 1, result);
}

// Step 4 for some priors.
torch::Tensor with_best(const torch::Tensor& result, const torch::Tensor& overlaps,
                        const torch::Tensor& best_of_object, const torch::Tensor& number) {
  const torch::Tensor is_best = overlaps == best_of_object.unsqueeze(1);
  const torch::Tensor object = (is_best * number.unsqueeze(1)).amax(0);
  return torch::where(object > 0, object, result);
}

}  // namespace

torch::Tensor box_overlaps(const torch::Tensor& a, const torch::Tensor& b, bool of_first) {
  const torch::Tensor a_low = a.narrow(1, 0, 2);
  const torch::Tensor a_high = a.narrow(1, 2, 2);
  const torch::Tensor b_low = b.narrow(1, 0, 2);
  const torch::Tensor b_high = b.narrow(1, 2, 2);
  const std::vector<torch::Tensor> low = {
      torch::maximum(a.select(1, 0).unsqueeze(1), b.select(1, 0).unsqueeze(0)),
      torch::maximum(a.select(1, 1).unsqueeze(1), b.select(1, 1).unsqueeze(0))};
  const torch::Tensor width =
      (torch::minimum(a.select(1, 2).unsqueeze(1), b.select(1, 2).unsqueeze(0)) - low[0])
          .clamp_min_(0);
  const torch::Tensor height =
      (torch::minimum(a.select(1, 3).unsqueeze(1), b.select(1, 3).unsqueeze(0)) - low[1])
          .clamp_min_(0);
  const torch::Tensor common = width * height;
  const torch::Tensor first = sides_product(a_low, a_high).unsqueeze(1);
  const torch::Tensor whole = of_first ? first.expand_as(common)
                                       : first + sides_product(b_low, b_high).unsqueeze(0) - common;
  return common / whole.clamp_min(1e-6);
}

torch::Tensor paired_overlaps(const torch::Tensor& a, const torch::Tensor& b) {
  const torch::Tensor low = torch::maximum(a.narrow(1, 0, 2), b.narrow(1, 0, 2));
  const torch::Tensor high = torch::minimum(a.narrow(1, 2, 2), b.narrow(1, 2, 2));
  const torch::Tensor sides = (high - low).clamp_min(0);
  const torch::Tensor common = sides.select(1, 0) * sides.select(1, 1);
  const torch::Tensor both = sides_product(a.narrow(1, 0, 2), a.narrow(1, 2, 2)) +
                             sides_product(b.narrow(1, 0, 2), b.narrow(1, 2, 2));
  return common / (both - common).clamp_min(1e-6);
}

torch::Tensor assigned(const MaxIoUAssigner& params, const torch::Tensor& priors,
                       const DetDataSample& truth) {
  const torch::NoGradGuard no_gradients;
  const std::int64_t objects = truth.boxes.size(0);
  const std::int64_t count = priors.size(0);
  if (objects == 0 || count == 0)
    return torch::zeros({count}, priors.options().dtype(torch::kLong));
  const std::int64_t at_once = std::max<std::int64_t>(1, overlaps_at_once / objects);
  torch::Tensor best_of_object = torch::full({objects}, -1.0, priors.options());
  const std::vector<torch::Tensor> parts = priors.split(at_once);
  const bool keep = params.match_low_quality && objects * count <= overlaps_kept;
  std::vector<torch::Tensor> results;
  std::vector<torch::Tensor> kept;
  for (const torch::Tensor& part : parts) {
    const torch::Tensor overlaps = overlaps_with(params, part, truth);
    best_of_object = torch::maximum(best_of_object, overlaps.amax(1));
    results.push_back(by_threshold(params, overlaps));
    if (keep) kept.push_back(overlaps);
  }
  if (!params.match_low_quality) return torch::cat(results);
  const torch::Tensor number =
      torch::where(best_of_object >= params.min_pos_iou,
                   torch::arange(1, objects + 1, priors.options().dtype(torch::kLong)), 0);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const torch::Tensor overlaps = keep ? kept[i] : overlaps_with(params, parts[i], truth);
    results[i] = with_best(results[i], overlaps, best_of_object, number);
  }
  return torch::cat(results);
}

}  // namespace pinfeed
