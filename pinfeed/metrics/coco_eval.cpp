// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6, docs/specs/decisions.md, 12.
//
// pycocotools' evaluation of boxes and masks, with the same bits. Equality needs three things.
//
// The same order: detections are sorted by falling score, and detections with equal scores keep
// the order of the results file within an image and the order of the image ids across images. That
// is what numpy's mergesort does there.
// The same arithmetic: precision is tp / (fp + tp + epsilon) in double, made monotonic from the
// end, and read at 101 recall points; the points are i * 0.01 with the last one set to 1, as
// numpy.linspace rounds them. The same sums: the statistics are numpy's means
// (coco_statistics.cpp).
#include "pinfeed/metrics/coco_eval.h"

#include <algorithm>

#include "pinfeed/core/thread.h"
#include "pinfeed/metrics/coco_statistics.h"
#include "pinfeed/metrics/coco_work.h"
#include "pinfeed/metrics/parallel.h"

namespace pinfeed {
namespace {

// Boxes that contain the masks, with the area of the masks.
struct BoxesOfMasks {
  std::vector<CocoDetection> detections = {};
  std::vector<double> areas = {};
};

BoxesOfMasks boxes_of_masks(const CocoFile& truth, const CocoResults& results) {
  BoxesOfMasks boxes{.detections = results.detections};
  boxes.areas.resize(results.detections.size());
  const MaskReader masks = result_masks(results, truth);
  for_ranges(results.detections.size(), 64, usable_cores(),
             [&](std::size_t begin, std::size_t end) {
               for (std::size_t i = begin; i < end; ++i) {
                 const image::MaskSpans mask = masks(i);
                 const Rect bounds = image::bounds_of(mask);
                 CocoDetection& one = boxes.detections[i];
                 one.x = bounds.x;
                 one.y = bounds.y;
                 one.width = bounds.width;
                 one.height = bounds.height;
                 boxes.areas[i] = static_cast<double>(mask.area);
               }
             });
  return boxes;
}

CocoEvaluation evaluation_of(IouType type, const CocoFile& truth,
                             std::span<const CocoDetection> detections, const CocoOptions& options,
                             const CompareGroup& compare) {
  CellOptions cell_options{.maxima = options.max_detections,
                           .pooling = options.use_categories ? Pooling::none : Pooling::categories,
                           .threads = options.threads,
                           .results = options.results};
  std::sort(cell_options.maxima.begin(), cell_options.maxima.end());
  EvaluatedCells evaluated = evaluated_cells(truth, detections, cell_options, compare);
  CocoEvaluation evaluation{.iou_type = type,
                            .stats = statistics_of(evaluated.all(), cell_options.maxima),
                            .categories = std::move(evaluated.categories)};
  if (!options.use_categories) return evaluation;
  for (const CategoryCells& one : evaluated.cells) {
    evaluation.category_ap.push_back(category_precision(one));
  }
  return evaluation;
}

}  // namespace

const char* name_of(IouType type) { return type == IouType::bbox ? "bbox" : "segm"; }

CocoEvaluation evaluate_boxes(const CocoFile& truth, std::span<const CocoDetection> detections,
                              const CocoOptions& options, std::span<const double> areas) {
  return evaluation_of(IouType::bbox, truth, detections, options,
                       compare_boxes(truth, detections, areas));
}

CocoEvaluation evaluate_masks(const CocoFile& truth, const MaskReader& truth_masks,
                              std::span<const CocoDetection> detections,
                              const MaskReader& detection_masks, DetectionArea area,
                              const CocoOptions& options) {
  std::atomic<std::int64_t> other_size = 0;
  CocoEvaluation evaluation =
      evaluation_of(IouType::segm, truth, detections, options,
                    compare_masks(truth_masks, detections, detection_masks, area, other_size));
  evaluation.masks_of_other_size = other_size;
  return evaluation;
}

CocoEvaluation evaluate_results(const CocoFile& truth, const CocoResults& results, IouType type,
                                const MaxDetections& max_detections) {
  const CocoOptions options{.max_detections = max_detections, .results = results.path};
  if (type == IouType::segm) {
    return evaluate_masks(truth, truth_masks(truth), results.detections,
                          result_masks(results, truth),
                          results.has_boxes ? DetectionArea::box : DetectionArea::mask, options);
  }
  if (results.has_boxes) return evaluate_boxes(truth, results.detections, options);
  const BoxesOfMasks boxes = boxes_of_masks(truth, results);
  return evaluate_boxes(truth, boxes.detections, options, boxes.areas);
}

}  // namespace pinfeed
