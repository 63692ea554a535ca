// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.1 to 6.4.
//
// pycocotools' greedy matching of the boxes of one image and category.
//
// Detections, by falling score, take the ground truth with the largest IoU of those that are free,
// separately for each IoU threshold. The details decide about equality with pycocotools. Of equal
// IoUs the later truth wins, because a candidate is replaced unless the next one is worse. Ignored
// truths (crowds, and areas outside the range) are tried last, and not at all once a truth that
// counts is found. A crowd can be taken by several detections, and its IoU is the covered fraction
// of the detection. A detection that took an ignored truth is ignored; so is an unmatched one with
// an area outside the range.
#include "pinfeed/metrics/coco_match.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace pinfeed {
namespace {

constexpr std::size_t no_truth = std::numeric_limits<std::size_t>::max();

// Which truths are taken, at one threshold.
class Matching {
 public:
  Matching(std::span<const TruthBox> truths, const std::vector<bool>& ignored,
           const std::vector<std::size_t>& order)
      : truths_(truths), ignored_(&ignored), order_(&order), taken_(truths.size()) {}

  // The index of the truth that the detection takes, or `no_truth`.
  std::size_t take(std::span<const double> ious, double threshold) {
    double best = std::min(threshold, 1.0 - 1e-10);
    std::size_t found = no_truth;
    for (const std::size_t truth : *order_) {
      if (taken_[truth] && !truths_[truth].crowd) continue;
      if (found != no_truth && !(*ignored_)[found] && (*ignored_)[truth]) break;
      if (ious[truth] < best) continue;
      best = ious[truth];
      found = truth;
    }
    if (found != no_truth) taken_[found] = true;
    return found;
  }

 private:
  std::span<const TruthBox> truths_;
  const std::vector<bool>* ignored_;
  const std::vector<std::size_t>* order_;
  std::vector<bool> taken_;
};

std::vector<bool> ignored_truths(std::span<const TruthBox> truths, const AreaRange& range) {
  std::vector<bool> ignored;
  for (const TruthBox& truth : truths) {
    ignored.push_back(truth.crowd || !range.contains(truth.area));
  }
  return ignored;
}

// Indices of the truths in the order of the file, those that count before the ignored ones.
std::vector<std::size_t> counting_first(const std::vector<bool>& ignored) {
  std::vector<std::size_t> order(ignored.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_partition(order.begin(), order.end(), [&](std::size_t i) { return !ignored[i]; });
  return order;
}

}  // namespace

double box_iou(const BoxXywh& detection, const BoxXywh& truth, bool crowd) {
  const double width = std::min(detection.x + detection.width, truth.x + truth.width) -
                       std::max(detection.x, truth.x);
  const double height = std::min(detection.y + detection.height, truth.y + truth.height) -
                        std::max(detection.y, truth.y);
  if (width <= 0.0 || height <= 0.0) return 0.0;
  const double intersection = width * height;
  const double detected = detection.width * detection.height;
  return intersection / (crowd ? detected : detected + truth.width * truth.height - intersection);
}

std::array<double, iou_thresholds> iou_threshold_values() {
  std::array<double, iou_thresholds> values = {};
  const double step = (0.95 - 0.5) / 9.0;
  for (std::size_t i = 0; i < iou_thresholds; ++i) values[i] = 0.5 + static_cast<double>(i) * step;
  values.back() = 0.95;
  return values;
}

ImageMatches match(std::span<const DetectedBox> detections, std::span<const TruthBox> truths,
                   std::span<const double> ious, const AreaRange& range) {
  const std::vector<bool> ignored = ignored_truths(truths, range);
  const std::vector<std::size_t> order = counting_first(ignored);
  ImageMatches matches;
  matches.positives = std::count(ignored.begin(), ignored.end(), false);
  for (const DetectedBox& one : detections) matches.detections.push_back({.score = one.score});
  const auto thresholds = iou_threshold_values();
  for (std::size_t t = 0; t < iou_thresholds; ++t) {
    Matching matching(truths, ignored, order);
    const auto bit = static_cast<std::uint16_t>(1U << t);
    for (std::size_t i = 0; i < detections.size(); ++i) {
      MatchedDetection& one = matches.detections[i];
      const std::size_t truth =
          matching.take(ious.subspan(i * truths.size(), truths.size()), thresholds[t]);
      // pycocotools stores the id of the taken truth and reads 0 as unmatched, so a truth with id 0
      // is taken and its detection stays unmatched.
      const bool matched = truth != no_truth && truths[truth].id != 0;
      const bool outside = !matched && !range.contains(detections[i].area);
      if (matched) one.matched |= bit;
      if ((truth != no_truth && ignored[truth]) || outside) one.ignored |= bit;
    }
  }
  return matches;
}

}  // namespace pinfeed
