// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.5.
//
// Precision over recall of one category.
//
// All detections are sorted by falling score; equal scores keep the order of the images, and that
// of the detections within an image. Recall grows only at true positives, and between two of them
// precision falls, so both are computed at the true positives alone. What a detection counts as
// differs between thresholds only if it matched something; all others are counted for all
// thresholds at once.
#include "pinfeed/metrics/coco_cells.h"

#include <algorithm>

namespace pinfeed {
namespace {

constexpr double epsilon = 2.220446049250313e-16;

// A detection among all of its category.
struct Ranked {
  double score = 0.0;
  std::uint32_t at = 0;    // position in the order of the images
  std::uint32_t rank = 0;  // in its image
  const MatchedDetection* match = nullptr;
};

std::vector<Ranked> ranked(std::span<const ImageMatches> images) {
  std::vector<Ranked> all;
  for (const ImageMatches& image : images) {
    std::uint32_t rank = 0;
    for (const MatchedDetection& one : image) {
      all.push_back(
          {ranking_score(one.score), static_cast<std::uint32_t>(all.size()), rank++, &one});
    }
  }
  std::sort(all.begin(), all.end(), [](const Ranked& a, const Ranked& b) {
    return a.score != b.score ? a.score > b.score : a.at < b.at;
  });
  return all;
}

std::array<double, recall_points> recall_values() {
  std::array<double, recall_points> values = {};
  for (std::size_t i = 0; i < recall_points; ++i) values[i] = static_cast<double>(i) * 0.01;
  values.back() = 1.0;
  return values;
}

// At each true positive of one threshold, the number of false positives before it.
using FalsePositives = std::vector<double>;

void measure(const FalsePositives& before, double positives, std::size_t t, CocoCell& cell) {
  std::vector<double> precisions(before.size());
  for (std::size_t i = before.size(); i-- > 0;) {
    const double found = static_cast<double>(i + 1);
    precisions[i] = found / (before[i] + found + epsilon);
    if (i + 1 < before.size()) precisions[i] = std::max(precisions[i], precisions[i + 1]);
  }
  static const std::array<double, recall_points> points = recall_values();
  std::size_t i = 0;
  for (std::size_t r = 0; r < recall_points; ++r) {
    while (i < before.size() && static_cast<double>(i + 1) / positives < points[r]) ++i;
    cell.precision[t][r] = i < before.size() ? precisions[i] : 0.0;
  }
  cell.recall[t] = static_cast<double>(before.size()) / positives;
}

class Counter {
 public:
  explicit Counter(std::size_t area) : area_(area) {}

  void add(const MatchedDetection& one) {
    const std::uint32_t matched = one.matched[area_];
    const std::uint32_t ignored = one.ignored[area_];
    if (matched == 0 && ignored == 0) {
      unmatched_ += 1.0;
    } else if (matched != 0 || ignored != all_thresholds) {
      add_by_threshold(matched, ignored);
    }
  }
  void measure_all(double positives, CocoCell& cell) const {
    for (std::size_t t = 0; t < iou_thresholds; ++t) measure(before_[t], positives, t, cell);
  }

 private:
  void add_by_threshold(std::uint32_t matched, std::uint32_t ignored) {
    for (std::size_t t = 0; t < iou_thresholds; ++t) {
      if ((ignored >> t & 1U) != 0) continue;
      if ((matched >> t & 1U) != 0)
        before_[t].push_back(unmatched_ + others_[t]);
      else
        others_[t] += 1.0;
    }
  }

  std::size_t area_;
  double unmatched_ = 0.0;  // false positives at every threshold
  std::array<double, iou_thresholds> others_ = {};
  std::array<FalsePositives, iou_thresholds> before_ = {};
};

void fill(const std::vector<Ranked>& all, std::size_t area, int maximum, std::int64_t positives,
          CocoCell& cell) {
  if (positives == 0) return;
  Counter counter(area);
  for (const Ranked& one : all) {
    if (one.rank < static_cast<std::uint32_t>(maximum)) counter.add(*one.match);
  }
  counter.measure_all(static_cast<double>(positives), cell);
}

}  // namespace

CocoCell::CocoCell() {
  for (auto& row : precision) row.fill(-1.0);
  recall.fill(-1.0);
}

CategoryCells accumulate(std::span<const ImageMatches> images,
                         const std::array<std::int64_t, area_count>& positives,
                         const std::array<int, max_count>& maxima) {
  const std::vector<Ranked> all = ranked(images);
  CategoryCells cells;
  for (std::size_t m = 0; m < max_count; ++m) {
    fill(all, 0, maxima[m], positives[0], cells.all_areas[m]);
  }
  for (std::size_t area = 1; area < area_count; ++area) {
    fill(all, area, maxima.back(), positives[area], cells.areas_at_most[area]);
  }
  return cells;
}

}  // namespace pinfeed
