// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6, docs/specs/decisions.md, 12.
//
// pycocotools' evaluation of boxes, with the same bits. Equality needs three things.
//
// The same order: detections are sorted by falling score, and detections with equal scores keep
// the order of the results file within an image and the order of the image ids across images. That
// is what numpy's mergesort does there, and std::stable_sort here.
// The same arithmetic: precision is tp / (fp + tp + epsilon) in double, made monotonic from
// the end, and read at 101 recall points with a binary search; the points are i * 0.01 with the
// last one set to 1, as numpy.linspace rounds them. The same sums: the statistics are means over
// the tables threshold x recall point x category, and numpy.mean adds pairwise (pairwise_mean.h).
// So the values are collected in the order of numpy's tables first, without the -1 of cells that
// have nothing to measure, and then averaged.
//
// Work is done by category: only one category's matches are in memory, and IoUs are computed once
// for all areas, thresholds and maxima.
#include "pinfeed/metrics/coco_eval.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

#include "pinfeed/core/error.h"
#include "pinfeed/core/record_id.h"
#include "pinfeed/metrics/coco_match.h"
#include "pinfeed/metrics/pairwise_mean.h"

namespace pinfeed {
namespace {

constexpr std::size_t recall_points = 101;
constexpr std::size_t area_count = 4;
constexpr std::size_t max_count = 3;  // of detections that are used, see MaxDetections
constexpr double epsilon = 2.220446049250313e-16;
constexpr std::array<AreaRange, area_count> area_ranges = {
    AreaRange{0.0, 1e10}, AreaRange{0.0, 1024.0}, AreaRange{1024.0, 9216.0},
    AreaRange{9216.0, 1e10}};

// The boxes of one image and one category.
struct ImageBoxes {
  std::vector<TruthBox> truths = {};
  std::vector<DetectedBox> detections = {};
};
using Images = std::map<std::int64_t, ImageBoxes, IdLess>;  // by id
using Categories = std::map<std::int64_t, Images, IdLess>;

// The precision and recall of one category, area range and maximum of detections; -1 where there
// is nothing to measure.
struct Cell {
  std::array<std::array<double, recall_points>, iou_thresholds> precision = {};
  std::array<double, iou_thresholds> recall = {};

  Cell() {
    for (auto& row : precision) row.fill(-1.0);
    recall.fill(-1.0);
  }
};
using CategoryCells = std::array<std::array<Cell, max_count>, area_count>;

std::array<double, recall_points> recall_values() {
  std::array<double, recall_points> values = {};
  for (std::size_t i = 0; i < recall_points; ++i) values[i] = static_cast<double>(i) * 0.01;
  values.back() = 1.0;
  return values;
}

Categories group_boxes(const CocoFile& truth, std::span<const CocoDetection> detections,
                       const std::string& results) {
  Categories categories;
  std::set<std::int64_t> images;
  for (const CocoCategory& category : truth.categories) categories[category.id];
  for (const CocoImage& image : truth.images) images.insert(image.id);
  for (const CocoAnnotation& one : truth.annotations) {
    const auto category = categories.find(one.category_id);
    if (category == categories.end() || images.count(one.image_id) == 0) continue;
    category->second[one.image_id].truths.push_back(
        {{one.x, one.y, one.width, one.height}, one.area, one.id, one.crowd});
  }
  for (std::size_t i = 0; i < detections.size(); ++i) {
    const CocoDetection& one = detections[i];
    if (images.count(one.image_id) == 0) {
      throw Error(ErrorKind::data, fmt::format("{}[{}] is of image {}, which {} does not have",
                                               results, i, id_text(one.image_id), truth.path));
    }
    const auto category = categories.find(one.category_id);
    if (category == categories.end()) continue;
    category->second[one.image_id].detections.push_back(
        {{one.x, one.y, one.width, one.height}, one.width * one.height, one.score});
  }
  return categories;
}

void keep_best(std::vector<DetectedBox>& detections, int limit) {
  std::stable_sort(detections.begin(), detections.end(),
                   [](const DetectedBox& a, const DetectedBox& b) { return a.score > b.score; });
  if (detections.size() > static_cast<std::size_t>(limit)) {
    detections.resize(static_cast<std::size_t>(limit));
  }
}

std::vector<double> ious_of(const ImageBoxes& boxes) {
  std::vector<double> ious;
  ious.reserve(boxes.detections.size() * boxes.truths.size());
  for (const DetectedBox& detection : boxes.detections) {
    for (const TruthBox& truth : boxes.truths) {
      ious.push_back(box_iou(detection.box, truth.box, truth.crowd));
    }
  }
  return ious;
}

// The best `limit` matches of each image, all together by falling score.
std::vector<MatchedDetection> ranked(const std::vector<ImageMatches>& images, int limit) {
  std::vector<MatchedDetection> all;
  for (const ImageMatches& image : images) {
    const std::size_t count = std::min(image.detections.size(), static_cast<std::size_t>(limit));
    all.insert(all.end(), image.detections.begin(),
               image.detections.begin() + static_cast<std::ptrdiff_t>(count));
  }
  std::stable_sort(
      all.begin(), all.end(),
      [](const MatchedDetection& a, const MatchedDetection& b) { return a.score > b.score; });
  return all;
}

// Sets the precisions at the recall points and the final recall of one threshold.
void measure(const std::vector<MatchedDetection>& all, std::size_t t, double positives,
             Cell& cell) {
  std::vector<double> recalls;
  std::vector<double> precisions;
  double true_positives = 0.0;
  double false_positives = 0.0;
  for (const MatchedDetection& one : all) {
    const bool counts = (one.ignored >> t & 1U) == 0;
    const bool matched = (one.matched >> t & 1U) != 0;
    true_positives += counts && matched ? 1.0 : 0.0;
    false_positives += counts && !matched ? 1.0 : 0.0;
    recalls.push_back(true_positives / positives);
    precisions.push_back(true_positives / (false_positives + true_positives + epsilon));
  }
  for (std::size_t i = precisions.size(); i-- > 1;) {
    precisions[i - 1] = std::max(precisions[i - 1], precisions[i]);
  }
  static const std::array<double, recall_points> points = recall_values();
  for (std::size_t r = 0; r < recall_points; ++r) {
    const auto reached = std::lower_bound(recalls.begin(), recalls.end(), points[r]);
    const auto i = static_cast<std::size_t>(reached - recalls.begin());
    cell.precision[t][r] = i < precisions.size() ? precisions[i] : 0.0;
  }
  cell.recall[t] = recalls.empty() ? 0.0 : recalls.back();
}

void accumulate(const std::vector<ImageMatches>& images, int limit, Cell& cell) {
  std::int64_t positives = 0;
  for (const ImageMatches& image : images) positives += image.positives;
  if (positives == 0) return;
  const std::vector<MatchedDetection> all = ranked(images, limit);
  for (std::size_t t = 0; t < iou_thresholds; ++t) {
    measure(all, t, static_cast<double>(positives), cell);
  }
}

CategoryCells cells_of(Images& images, const MaxDetections& max_detections) {
  CategoryCells cells;
  std::vector<std::vector<double>> ious;
  for (auto& [id, boxes] : images) {
    keep_best(boxes.detections, max_detections.back());
    ious.push_back(ious_of(boxes));
  }
  for (std::size_t area = 0; area < area_count; ++area) {
    std::vector<ImageMatches> matches;
    for (const auto& [id, boxes] : images) {
      matches.push_back(
          match(boxes.detections, boxes.truths, ious[matches.size()], area_ranges[area]));
    }
    for (std::size_t m = 0; m < max_count; ++m) {
      accumulate(matches, max_detections[m], cells[area][m]);
    }
  }
  return cells;
}

// Means of the values that are not -1, collected in the order threshold, recall point, category.
// -1 when there are none.
class Means {
 public:
  Means(const std::vector<CategoryCells>& cells, const MaxDetections& max_detections)
      : cells_(&cells), max_detections_(&max_detections) {}

  double precision(std::size_t area, std::size_t m, std::size_t first, std::size_t end) const {
    return mean([&](std::vector<double>& values) {
      for (std::size_t t = first; t < end; ++t) {
        for (std::size_t r = 0; r < recall_points; ++r) {
          for (const CategoryCells& cell : *cells_) values.push_back(cell[area][m].precision[t][r]);
        }
      }
    });
  }
  double recall(std::size_t area, std::size_t m) const {
    return mean([&](std::vector<double>& values) {
      for (std::size_t t = 0; t < iou_thresholds; ++t) {
        for (const CategoryCells& cell : *cells_) values.push_back(cell[area][m].recall[t]);
      }
    });
  }
  // The first statistic always uses 100 detections; it is -1 when that is none of the maxima.
  double at_hundred() const {
    for (std::size_t m = 0; m < max_count; ++m) {
      if ((*max_detections_)[m] == 100) return precision(0, m, 0, iou_thresholds);
    }
    return -1.0;
  }

 private:
  template <class Collect>
  double mean(Collect collect) const {
    std::vector<double> values;
    collect(values);
    values.erase(std::remove_if(values.begin(), values.end(), [](double v) { return v <= -1.0; }),
                 values.end());
    return values.empty() ? -1.0 : pairwise_mean(values);
  }

  const std::vector<CategoryCells>* cells_;
  const MaxDetections* max_detections_;
};

std::array<double, 12> stats_of(const std::vector<CategoryCells>& cells,
                                const MaxDetections& max_detections) {
  const Means means(cells, max_detections);
  constexpr std::size_t last = max_count - 1;
  return {means.at_hundred(),
          means.precision(0, last, 0, 1),
          means.precision(0, last, 5, 6),
          means.precision(1, last, 0, iou_thresholds),
          means.precision(2, last, 0, iou_thresholds),
          means.precision(3, last, 0, iou_thresholds),
          means.recall(0, 0),
          means.recall(0, 1),
          means.recall(0, last),
          means.recall(1, last),
          means.recall(2, last),
          means.recall(3, last)};
}

}  // namespace

CocoEvaluation evaluate_boxes(const CocoFile& truth, std::span<const CocoDetection> detections,
                              const MaxDetections& max_detections, const std::string& results) {
  MaxDetections sorted = max_detections;
  std::sort(sorted.begin(), sorted.end());
  Categories categories = group_boxes(truth, detections, results);
  std::vector<CategoryCells> cells;
  for (auto& [id, images] : categories) cells.push_back(cells_of(images, sorted));
  CocoEvaluation evaluation{.stats = stats_of(cells, sorted)};
  std::map<std::int64_t, CocoCategory, IdLess> by_id;
  for (const CocoCategory& category : truth.categories) by_id[category.id] = category;
  for (const auto& [id, category] : by_id) evaluation.categories.push_back(category);
  for (const CategoryCells& cell : cells) {
    const std::vector<CategoryCells> alone = {cell};
    evaluation.category_ap.push_back(
        Means(alone, sorted).precision(0, max_count - 1, 0, iou_thresholds));
  }
  return evaluation;
}

}  // namespace pinfeed
