// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.1 to 6.4.
#include "pinfeed/metrics/coco_match.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace pinfeed {
namespace {

constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

// The state of matching at one threshold.
class Matching {
 public:
  Matching(std::span<const TruthBox> truths, const std::vector<bool>& ignored,
           const std::vector<std::size_t>& order)
      : truths_(truths), ignored_(&ignored), order_(&order), taken_(truths.size()) {}

  // The truth that the detection takes at this threshold, or `none`. Truths that count come first;
  // once one is found, ignored ones are not looked at. Of equal overlaps the later one wins.
  std::size_t take(std::span<const double> ious, double threshold) {
    double best = std::min(threshold, 1.0 - 1e-10);
    std::size_t found = none;
    for (const std::size_t truth : *order_) {
      if (taken_[truth] && !truths_[truth].crowd) continue;
      if (found != none && !(*ignored_)[found] && (*ignored_)[truth]) break;
      if (ious[truth] < best) continue;
      best = ious[truth];
      found = truth;
    }
    if (found != none) taken_[found] = true;
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

// Those that count first, else in the file's order.
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
  const double shared = width * height;
  const double own = detection.width * detection.height;
  return shared / (crowd ? own : own + truth.width * truth.height - shared);
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
      // A truth of id 0 is taken, yet its detection counts as unmatched: 0 stands for "none" there.
      const bool matched = truth != none && truths[truth].id != 0;
      const bool outside = !matched && !range.contains(detections[i].area);
      if (matched) one.matched |= bit;
      if ((truth != none && ignored[truth]) || outside) one.ignored |= bit;
    }
  }
  return matches;
}

}  // namespace pinfeed
