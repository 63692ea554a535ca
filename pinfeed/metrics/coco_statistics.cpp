// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.5.
//
// The statistics are means over the tables threshold x recall point x category, and numpy.mean adds
// pairwise (pairwise_mean.h). So the values are collected in the order of numpy's tables first,
// without the -1 of cells that have nothing to measure, and then averaged.
#include "pinfeed/metrics/coco_statistics.h"

#include <vector>

#include "pinfeed/metrics/pairwise_mean.h"

namespace pinfeed {
namespace {

constexpr std::size_t last_maximum = max_count - 1;

// The values that are not -1.
class Values {
 public:
  void add(double value) {
    if (value > -1.0) values_.push_back(value);
  }
  double mean() const { return values_.empty() ? -1.0 : pairwise_mean(values_); }

 private:
  std::vector<double> values_ = {};
};

double mean_precision_at(CellsOfCategories cells, std::size_t area, std::size_t m,
                         std::size_t first, std::size_t end) {
  Values values;
  for (std::size_t t = first; t < end; ++t) {
    for (std::size_t r = 0; r < recall_points; ++r) {
      for (const CategoryCells* cell : cells) values.add(cell->at(area, m).precision[t][r]);
    }
  }
  return values.mean();
}

double mean_recall_at(CellsOfCategories cells, std::size_t area, std::size_t m) {
  Values values;
  for (std::size_t t = 0; t < iou_thresholds; ++t) {
    for (const CategoryCells* cell : cells) values.add(cell->at(area, m).recall[t]);
  }
  return values.mean();
}

// The first statistic always uses 100 detections; it is -1 when that is none of the maxima.
double precision_at_hundred(CellsOfCategories cells, const std::array<int, max_count>& maxima) {
  for (std::size_t m = 0; m < max_count; ++m) {
    if (maxima[m] == 100) return mean_precision_at(cells, 0, m, 0, iou_thresholds);
  }
  return -1.0;
}

}  // namespace

std::array<double, 12> statistics_of(CellsOfCategories cells,
                                     const std::array<int, max_count>& maxima) {
  return {precision_at_hundred(cells, maxima),
          mean_precision(cells, 0, 0, 1),
          mean_precision(cells, 0, 5, 6),
          mean_precision(cells, 1, 0, iou_thresholds),
          mean_precision(cells, 2, 0, iou_thresholds),
          mean_precision(cells, 3, 0, iou_thresholds),
          mean_recall_at(cells, 0, 0),
          mean_recall_at(cells, 0, 1),
          mean_recall(cells, 0),
          mean_recall(cells, 1),
          mean_recall(cells, 2),
          mean_recall(cells, 3)};
}

double mean_precision(CellsOfCategories cells, std::size_t area, std::size_t first,
                      std::size_t end) {
  return mean_precision_at(cells, area, last_maximum, first, end);
}

double mean_recall(CellsOfCategories cells, std::size_t area) {
  return mean_recall_at(cells, area, last_maximum);
}

double category_precision(const CategoryCells& cells) {
  const CategoryCells* one = &cells;
  return mean_precision({&one, 1}, 0, 0, iou_thresholds);
}

}  // namespace pinfeed
