// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6, docs/specs/decisions.md, 12.
#include "pinfeed/metrics/coco_eval.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

#include "pinfeed/core/error.h"
#include "pinfeed/metrics/coco_match.h"
#include "pinfeed/metrics/pairwise_mean.h"

namespace pinfeed {
namespace {

constexpr std::size_t recall_points = 101;
constexpr std::size_t areas = 4;
constexpr std::size_t maxima = 3;
constexpr double epsilon = 2.220446049250313e-16;
constexpr std::array<AreaRange, areas> area_ranges = {AreaRange{0.0, 1e10}, AreaRange{0.0, 1024.0},
                                                      AreaRange{1024.0, 9216.0},
                                                      AreaRange{9216.0, 1e10}};

// What one image holds of one category.
struct Boxes {
  std::vector<TruthBox> truths = {};
  std::vector<DetectedBox> detections = {};
};
using Images = std::map<std::int64_t, Boxes>;  // by rising id
using Categories = std::map<std::int64_t, Images>;

// One cell of COCOeval's tables, for all thresholds; -1 where there is nothing to measure.
struct Cell {
  std::array<std::array<double, recall_points>, iou_thresholds> precision = {};
  std::array<double, iou_thresholds> recall = {};

  Cell() {
    for (auto& row : precision) row.fill(-1.0);
    recall.fill(-1.0);
  }
};
using CategoryCells = std::array<std::array<Cell, maxima>, areas>;

std::array<double, recall_points> recall_values() {
  std::array<double, recall_points> values = {};
  for (std::size_t i = 0; i < recall_points; ++i) values[i] = static_cast<double>(i) * 0.01;
  values.back() = 1.0;
  return values;
}

Categories gathered(const CocoFile& truth, std::span<const CocoDetection> detections,
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
                                               results, i, one.image_id, truth.path));
    }
    const auto category = categories.find(one.category_id);
    if (category == categories.end()) continue;
    category->second[one.image_id].detections.push_back(
        {{one.x, one.y, one.width, one.height}, one.width * one.height, one.score});
  }
  return categories;
}

void keep_best(std::vector<DetectedBox>& detections, int most) {
  std::stable_sort(detections.begin(), detections.end(),
                   [](const DetectedBox& a, const DetectedBox& b) { return a.score > b.score; });
  if (detections.size() > static_cast<std::size_t>(most)) {
    detections.resize(static_cast<std::size_t>(most));
  }
}

std::vector<double> ious_of(const Boxes& boxes) {
  std::vector<double> ious;
  ious.reserve(boxes.detections.size() * boxes.truths.size());
  for (const DetectedBox& detection : boxes.detections) {
    for (const TruthBox& truth : boxes.truths) {
      ious.push_back(box_iou(detection.box, truth.box, truth.crowd));
    }
  }
  return ious;
}

// The matches of all images, each cut to the maximum, by falling score over all of them.
std::vector<MatchedDetection> ranked(const std::vector<ImageMatches>& images, int most) {
  std::vector<MatchedDetection> all;
  for (const ImageMatches& image : images) {
    const std::size_t count = std::min(image.detections.size(), static_cast<std::size_t>(most));
    all.insert(all.end(), image.detections.begin(),
               image.detections.begin() + static_cast<std::ptrdiff_t>(count));
  }
  std::stable_sort(
      all.begin(), all.end(),
      [](const MatchedDetection& a, const MatchedDetection& b) { return a.score > b.score; });
  return all;
}

// Precision at the recall points, and the last recall, of one threshold.
void measure(const std::vector<MatchedDetection>& all, std::size_t t, double positives,
             Cell& cell) {
  std::vector<double> recalls;
  std::vector<double> precisions;
  double right = 0.0;
  double wrong = 0.0;
  for (const MatchedDetection& one : all) {
    const bool counts = (one.ignored >> t & 1U) == 0;
    const bool matched = (one.matched >> t & 1U) != 0;
    right += counts && matched ? 1.0 : 0.0;
    wrong += counts && !matched ? 1.0 : 0.0;
    recalls.push_back(right / positives);
    precisions.push_back(right / (wrong + right + epsilon));
  }
  for (std::size_t i = precisions.size(); i-- > 1;) {
    precisions[i - 1] = std::max(precisions[i - 1], precisions[i]);
  }
  static const std::array<double, recall_points> points = recall_values();
  for (std::size_t r = 0; r < recall_points; ++r) {
    const auto at = std::lower_bound(recalls.begin(), recalls.end(), points[r]) - recalls.begin();
    const auto place = static_cast<std::size_t>(at);
    cell.precision[t][r] = place < precisions.size() ? precisions[place] : 0.0;
  }
  cell.recall[t] = recalls.empty() ? 0.0 : recalls.back();
}

void accumulate(const std::vector<ImageMatches>& images, int most, Cell& cell) {
  std::int64_t positives = 0;
  for (const ImageMatches& image : images) positives += image.positives;
  if (positives == 0) return;
  const std::vector<MatchedDetection> all = ranked(images, most);
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
  for (std::size_t area = 0; area < areas; ++area) {
    std::vector<ImageMatches> matches;
    for (const auto& [id, boxes] : images) {
      matches.push_back(
          match(boxes.detections, boxes.truths, ious[matches.size()], area_ranges[area]));
    }
    for (std::size_t m = 0; m < maxima; ++m) {
      accumulate(matches, max_detections[m], cells[area][m]);
    }
  }
  return cells;
}

// The mean of those values that are not -1, in the order of COCOeval's tables: threshold, recall
// point, category. -1 when there are none.
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
  // The first number asks for 100 detections, whatever the maxima are.
  double at_hundred() const {
    for (std::size_t m = 0; m < maxima; ++m) {
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
  constexpr std::size_t last = maxima - 1;
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
  MaxDetections rising = max_detections;
  std::sort(rising.begin(), rising.end());
  Categories categories = gathered(truth, detections, results);
  std::vector<CategoryCells> cells;
  for (auto& [id, images] : categories) cells.push_back(cells_of(images, rising));
  CocoEvaluation evaluation{.stats = stats_of(cells, rising)};
  std::map<std::int64_t, CocoCategory> by_id;
  for (const CocoCategory& category : truth.categories) by_id[category.id] = category;
  for (const auto& [id, category] : by_id) evaluation.categories.push_back(category);
  for (const CategoryCells& cell : cells) {
    const std::vector<CategoryCells> alone = {cell};
    evaluation.category_ap.push_back(
        Means(alone, rising).precision(0, maxima - 1, 0, iou_thresholds));
  }
  return evaluation;
}

std::vector<std::string> summary_lines(const CocoEvaluation& evaluation,
                                       const MaxDetections& max_detections) {
  struct Line {
    const char* what;
    const char* iou;
    const char* area;
    std::size_t maximum;
  };
  static constexpr std::array<Line, 12> lines = {{
      {"Precision  (AP)", "0.50:0.95", "all", 2},
      {"Precision  (AP)", "0.50", "all", 2},
      {"Precision  (AP)", "0.75", "all", 2},
      {"Precision  (AP)", "0.50:0.95", "small", 2},
      {"Precision  (AP)", "0.50:0.95", "medium", 2},
      {"Precision  (AP)", "0.50:0.95", "large", 2},
      {"Recall     (AR)", "0.50:0.95", "all", 0},
      {"Recall     (AR)", "0.50:0.95", "all", 1},
      {"Recall     (AR)", "0.50:0.95", "all", 2},
      {"Recall     (AR)", "0.50:0.95", "small", 2},
      {"Recall     (AR)", "0.50:0.95", "medium", 2},
      {"Recall     (AR)", "0.50:0.95", "large", 2},
  }};
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool hundred = i == 0;  // asked for literally
    const int maximum = hundred ? 100 : max_detections[lines[i].maximum];
    texts.push_back(fmt::format(" Average {} @[ IoU={:<9} | area={:>6} | maxDets={:>3} ] = {:.3f}",
                                lines[i].what, lines[i].iou, lines[i].area, maximum,
                                evaluation.stats[i]));
  }
  return texts;
}

}  // namespace pinfeed
