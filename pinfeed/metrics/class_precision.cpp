// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/metrics/class_precision.h"

#include "pinfeed/metrics/coco_eval.h"
#include "pinfeed/metrics/coco_statistics.h"
#include "pinfeed/metrics/coco_work.h"

namespace pinfeed {

std::vector<ClassPrecision> class_precisions(const CocoFile& truth,
                                             std::span<const CocoDetection> detections) {
  const EvaluatedCells evaluated = evaluated_cells(
      truth, detections, {.maxima = coco_max_detections}, compare_boxes(truth, detections, {}));
  std::vector<ClassPrecision> classes;
  for (std::size_t i = 0; i < evaluated.categories.size(); ++i) {
    const CategoryCells& cells = evaluated.cells[i];
    const CategoryCells* const one = &cells;
    classes.push_back({.category = evaluated.categories[i],
                       .table = cells.at(0, max_count - 1).precision,
                       .ap = category_precision(cells),
                       .ap50 = mean_precision({&one, 1}, 0, 0, 1),
                       .ap75 = mean_precision({&one, 1}, 0, 5, 6)});
  }
  return classes;
}

}  // namespace pinfeed
