// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.1 to 6.4.
//
// pycocotools' greedy matching of the detections of one image and category.
//
// Detections, by falling score, take the ground truth with the largest IoU of those that are free,
// separately for each IoU threshold. The details decide about equality with pycocotools. Of equal
// IoUs the later truth wins, because a candidate is replaced unless the next one is worse. Ignored
// truths (crowds, and areas outside the range) are tried last, and not at all once a truth that
// counts is found. A crowd can be taken by several detections, and its IoU is the covered fraction
// of the detection. A detection that took an ignored truth is ignored; so is an unmatched one with
// an area outside the range.
//
// Truths below the lowest threshold can never be taken. Few detections have another one, and only
// those are matched.
#include "pinfeed/metrics/coco_match.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pinfeed {
namespace {

constexpr std::size_t no_truth = std::numeric_limits<std::size_t>::max();

struct Candidate {
  std::size_t truth = 0;
  double iou = 0.0;
};

// Whether a detection without a match does not count.
bool is_ignored_alone(const AreaRange& range, double area, Unmatched unmatched) {
  return unmatched == Unmatched::ignored || !range.contains(area);
}

// The truths in one area range.
class RangeMatching {
 public:
  RangeMatching(std::span<const MatchTruth> truths, const AreaRange& range, Unmatched unmatched)
      : truths_(truths), range_(range), unmatched_(unmatched), taken_(truths.size()) {}

  // Bits of the thresholds at which a detection is matched and ignored.
  struct Flags {
    std::uint16_t matched = 0;
    std::uint16_t ignored = 0;
  };
  Flags take(std::span<const Candidate> candidates, double area, double best_iou,
             const std::array<double, iou_thresholds>& thresholds) {
    const bool ignored_alone = is_ignored_alone(range_, area, unmatched_);
    Flags flags{.ignored = ignored_alone ? all_thresholds : std::uint16_t{0}};
    for (std::size_t t = 0; t < iou_thresholds && best_iou >= thresholds[t]; ++t) {
      const std::size_t truth = taken_at(t, candidates, thresholds[t]);
      if (truth == no_truth) continue;
      const auto bit = static_cast<std::uint16_t>(1U << t);
      taken_[truth] |= bit;
      // pycocotools stores the id of the taken truth and reads 0 as unmatched, so a truth with id 0
      // is taken and its detection stays unmatched.
      const bool matched = truths_[truth].id != 0;
      if (matched) flags.matched |= bit;
      const bool ignored = truths_[truth].ignored(range_) || (!matched && ignored_alone);
      flags.ignored =
          static_cast<std::uint16_t>(ignored ? flags.ignored | bit : flags.ignored & ~bit);
    }
    return flags;
  }

 private:
  std::size_t taken_at(std::size_t t, std::span<const Candidate> candidates,
                       double threshold) const {
    const std::size_t counting = best_of(t, candidates, threshold, false);
    return counting != no_truth ? counting : best_of(t, candidates, threshold, true);
  }

  std::size_t best_of(std::size_t t, std::span<const Candidate> candidates, double threshold,
                      bool ignored) const {
    double best = std::min(threshold, 1.0 - 1e-10);
    std::size_t found = no_truth;
    for (const Candidate& one : candidates) {
      if (truths_[one.truth].ignored(range_) != ignored) continue;
      const bool taken = (taken_[one.truth] >> t & 1U) != 0;
      if (taken && !truths_[one.truth].crowd) continue;
      if (one.iou < best) continue;
      best = one.iou;
      found = one.truth;
    }
    return found;
  }

  std::span<const MatchTruth> truths_;
  AreaRange range_;
  Unmatched unmatched_;
  std::vector<std::uint16_t> taken_;  // bits of the thresholds
};

double candidates_of(std::span<const double> ious, double lowest,
                     std::vector<Candidate>& candidates) {
  candidates.clear();
  double best = 0.0;
  for (std::size_t truth = 0; truth < ious.size(); ++truth) {
    if (ious[truth] < lowest) continue;
    candidates.push_back({truth, ious[truth]});
    best = std::max(best, ious[truth]);
  }
  return best;
}

MatchedDetection alone(const MatchDetection& detection, Unmatched unmatched) {
  MatchedDetection match{.score = detection.score};
  for (std::size_t area = 0; area < area_count; ++area) {
    if (is_ignored_alone(area_ranges[area], detection.area, unmatched))
      match.ignored[area] = all_thresholds;
  }
  return match;
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

double ranking_score(double score) {
  return std::isnan(score) ? -std::numeric_limits<double>::infinity() : score;
}

std::array<double, iou_thresholds> iou_threshold_values() {
  std::array<double, iou_thresholds> values = {};
  const double step = (0.95 - 0.5) / 9.0;
  for (std::size_t i = 0; i < iou_thresholds; ++i) values[i] = 0.5 + static_cast<double>(i) * step;
  values.back() = 0.95;
  return values;
}

void match(std::span<const MatchDetection> detections, std::span<const MatchTruth> truths,
           std::span<const double> ious, Unmatched unmatched, std::span<MatchedDetection> matches) {
  static const std::array<double, iou_thresholds> thresholds = iou_threshold_values();
  std::vector<RangeMatching> ranges;
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < detections.size(); ++i) {
    matches[i] = alone(detections[i], unmatched);
    const auto own_ious = ious.subspan(i * truths.size(), truths.size());
    const double best = candidates_of(own_ious, thresholds.front(), candidates);
    if (candidates.empty()) continue;
    if (ranges.empty()) {
      for (const AreaRange& range : area_ranges) ranges.emplace_back(truths, range, unmatched);
    }
    for (std::size_t area = 0; area < area_count; ++area) {
      const auto flags = ranges[area].take(candidates, detections[i].area, best, thresholds);
      matches[i].matched[area] = flags.matched;
      matches[i].ignored[area] = flags.ignored;
    }
  }
}

}  // namespace pinfeed
