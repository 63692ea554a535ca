// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.
//
// First all groups of one image and category are matched, on all threads, then all categories are
// accumulated. Each result has its place, so the order of the work does not matter. IoUs exist for
// one group at a time; so do masks, which are decoded for it.
#include "pinfeed/metrics/coco_work.h"

#include <algorithm>

#include "pinfeed/core/thread.h"
#include "pinfeed/metrics/parallel.h"

namespace pinfeed {
namespace {

double area_of(const CocoDetection& one) { return one.width * one.height; }

class Evaluation {
 public:
  Evaluation(const CocoFile& truth, std::span<const CocoDetection> detections,
             const CellOptions& options)
      : truth_(&truth),
        detections_(detections),
        options_(&options),
        maxima_(options.maxima),
        threads_(options.threads.value_or(usable_cores())),
        groups_(group_rows(truth, detections, options.pooling, options.results)),
        pooled_(options.pooling == Pooling::categories),
        matches_(groups_.detections.size()) {}

  EvaluatedCells run(const CompareGroup& compare) {
    constexpr std::size_t groups_at_once = 64;
    for_ranges(groups_.groups.size(), groups_at_once, threads_,
               [&](std::size_t begin, std::size_t end) {
                 GroupWork work;
                 for (std::size_t i = begin; i < end; ++i)
                   match_group(groups_.groups[i], compare, work);
               });
    EvaluatedCells evaluated;
    evaluated.cells.resize(pooled_ ? 1 : groups_.categories.size());
    for_ranges(evaluated.cells.size(), 1, threads_,
               [&](std::size_t i, std::size_t) { evaluated.cells[i] = accumulated(i); });
    if (!pooled_) evaluated.categories = groups_.categories;
    return evaluated;
  }

 private:
  void match_group(CocoGroup& group, const CompareGroup& compare, GroupWork& work) {
    const auto rows =
        std::span(groups_.detections).subspan(group.first_detection, group.detections);
    sort_by_score(rows);
    group.detections = std::min(group.detections, static_cast<std::uint32_t>(maxima_.back()));
    if (group.detections == 0) return;
    work.detection_rows = rows.first(group.detections);
    work.truth_rows = std::span(groups_.truths).subspan(group.first_truth, group.truths);
    work.truths.clear();
    for (const std::uint32_t row : work.truth_rows) {
      work.truths.push_back(match_truth(truth_->annotations[row]));
    }
    work.areas.clear();
    work.ious.clear();
    compare(work);
    work.detections.clear();
    for (std::size_t i = 0; i < work.detection_rows.size(); ++i) {
      work.detections.push_back({work.areas[i], detections_[work.detection_rows[i]].score});
    }
    match(work.detections, work.truths, work.ious, unmatched_of(work),
          std::span(matches_).subspan(group.first_detection, group.detections));
  }

  MatchTruth match_truth(const CocoAnnotation& one) const {
    const bool crowds = options_->flags == TruthFlags::crowd;
    return {.area = one.area,
            .id = one.id,
            .crowd = crowds && one.crowd,
            .ignore = !crowds && one.ignore};
  }

  Unmatched unmatched_of(const GroupWork& work) const {
    if (!options_->unmatched) return Unmatched::wrong;
    const CocoDetection& any = detections_[work.detection_rows.front()];
    return options_->unmatched(any.image_id, any.category_id);
  }

  void sort_by_score(std::span<std::uint32_t> rows) const {
    const auto better = [&](std::uint32_t a, std::uint32_t b) {
      return ranking_score(detections_[a].score) > ranking_score(detections_[b].score);
    };
    if (!std::is_sorted(rows.begin(), rows.end(), better))
      std::stable_sort(rows.begin(), rows.end(), better);
  }

  CategoryCells accumulated(std::size_t category) const {
    const auto at = [&](std::size_t wanted) {
      return std::lower_bound(
          groups_.groups.begin(), groups_.groups.end(), wanted,
          [](const CocoGroup& group, std::size_t c) { return group.category < c; });
    };
    std::vector<ImageMatches> images;
    std::array<std::int64_t, area_count> positives = {};
    for (auto group = at(category); group != at(category + 1); ++group) {
      images.push_back(std::span(matches_).subspan(group->first_detection, group->detections));
      count_positives(*group, positives);
    }
    return accumulate(images, positives, maxima_);
  }

  void count_positives(const CocoGroup& group,
                       std::array<std::int64_t, area_count>& positives) const {
    for (std::uint32_t i = 0; i < group.truths; ++i) {
      const CocoAnnotation& one = truth_->annotations[groups_.truths[group.first_truth + i]];
      const MatchTruth truth = match_truth(one);
      for (std::size_t area = 0; area < area_count; ++area) {
        positives[area] += truth.ignored(area_ranges[area]) ? 0 : 1;
      }
    }
  }

  const CocoFile* truth_;
  std::span<const CocoDetection> detections_;
  const CellOptions* options_;
  std::array<int, max_count> maxima_;
  int threads_;
  CocoGroups groups_;
  bool pooled_;
  std::vector<MatchedDetection> matches_;
};

std::vector<image::MaskSpans> masks_of(std::span<const std::uint32_t> rows,
                                       const MaskReader& read) {
  std::vector<image::MaskSpans> masks;
  masks.reserve(rows.size());
  for (const std::uint32_t row : rows) masks.push_back(read(row));
  return masks;
}

}  // namespace

std::vector<const CategoryCells*> EvaluatedCells::all() const {
  std::vector<const CategoryCells*> pointers;
  for (const CategoryCells& one : cells) pointers.push_back(&one);
  return pointers;
}

EvaluatedCells evaluated_cells(const CocoFile& truth, std::span<const CocoDetection> detections,
                               const CellOptions& options, const CompareGroup& compare) {
  return Evaluation(truth, detections, options).run(compare);
}

CompareGroup compare_boxes(const CocoFile& truth, std::span<const CocoDetection> detections,
                           std::span<const double> areas) {
  return [&truth, detections, areas](GroupWork& work) {
    for (const std::uint32_t detection : work.detection_rows) {
      const CocoDetection& one = detections[detection];
      work.areas.push_back(areas.empty() ? area_of(one) : areas[detection]);
      for (std::size_t i = 0; i < work.truth_rows.size(); ++i) {
        const CocoAnnotation& other = truth.annotations[work.truth_rows[i]];
        work.ious.push_back(box_iou(box_of(one), box_of(other), work.truths[i].crowd));
      }
    }
  };
}

CompareGroup compare_masks(const MaskReader& truth_masks, std::span<const CocoDetection> detections,
                           const MaskReader& detection_masks, DetectionArea area,
                           std::atomic<std::int64_t>& other_size) {
  return [&truth_masks, detections, &detection_masks, area, &other_size](GroupWork& work) {
    const auto masks_of_truths = masks_of(work.truth_rows, truth_masks);
    for (const std::uint32_t detection : work.detection_rows) {
      if (area == DetectionArea::box && work.truth_rows.empty()) {
        work.areas.push_back(area_of(detections[detection]));
        continue;
      }
      const image::MaskSpans mask = detection_masks(detection);
      work.areas.push_back(area == DetectionArea::box ? area_of(detections[detection])
                                                      : static_cast<double>(mask.area));
      const bool fits = std::all_of(masks_of_truths.begin(), masks_of_truths.end(),
                                    [&](const auto& one) { return one.size == mask.size; });
      if (!fits) ++other_size;
      for (std::size_t i = 0; i < masks_of_truths.size(); ++i) {
        work.ious.push_back(image::mask_iou(mask, masks_of_truths[i], work.truths[i].crowd));
      }
    }
  };
}

}  // namespace pinfeed
