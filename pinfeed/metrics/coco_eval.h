// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/metrics/coco_masks.h"

namespace pinfeed {

/// How many detections of each image and category are used, for three variants of the statistics:
/// (1, 10, 100) in pycocotools, (100, 300, 1000) in mmdet.
using MaxDetections = std::array<int, 3>;
constexpr MaxDetections coco_max_detections = {1, 10, 100};
constexpr MaxDetections mmdet_max_detections = {100, 300, 1000};

/// What is compared: boxes or masks. The names are those of COCO: "bbox" and "segm".
enum class IouType { bbox, segm };
const char* name_of(IouType type);

struct CocoOptions {
  MaxDetections max_detections = coco_max_detections;
  bool use_categories = true;          // false: all categories are compared as one
  std::optional<int> threads = {};     // without a number, as many as the process has cores
  std::string results = "detections";  // the name of the detections in errors
};

/// The twelve statistics of COCOeval. -1 means that there is nothing to measure.
struct CocoEvaluation {
  IouType iou_type = IouType::bbox;
  /// AP, AP50, AP75, AP of small, medium, large; AR at each maximum; AR of small, medium, large.
  std::array<double, 12> stats = {};
  std::vector<CocoCategory> categories = {};  // by id, ascending
  std::vector<double> category_ap = {};       // of each category, over all thresholds and areas
  /// Detections whose mask has another size than a ground truth's that it is compared with. They
  /// match nothing.
  std::int64_t masks_of_other_size = 0;
};

/// COCOeval for boxes, bit by bit equal to pycocotools (docs/specs/openmmlab-data.md, 6), with any
/// number of threads. Detections must be in the order of the results file. The area of a detection
/// is that of its box, or its element of `areas` if there are any. Throws Error(data) for a
/// detection of an image that `truth` does not have.
CocoEvaluation evaluate_boxes(const CocoFile& truth, std::span<const CocoDetection> detections,
                              const CocoOptions& options = {}, std::span<const double> areas = {});

/// What the area of a detection is: the pixels of its mask, or width x height of its box.
enum class DetectionArea { mask, box };

/// The same for masks. Throws also what the readers throw.
CocoEvaluation evaluate_masks(const CocoFile& truth, const MaskReader& truth_masks,
                              std::span<const CocoDetection> detections,
                              const MaskReader& detection_masks, DetectionArea area,
                              const CocoOptions& options = {});

/// The evaluation of a results file (loadRes of pycocotools): boxes that the file does not have are
/// those around the masks, masks that it does not have are the boxes.
CocoEvaluation evaluate_results(const CocoFile& truth, const CocoResults& results, IouType type,
                                const MaxDetections& max_detections = coco_max_detections);

/// The twelve lines that pycocotools prints.
std::vector<std::string> summary_lines(const CocoEvaluation& evaluation,
                                       const MaxDetections& max_detections = coco_max_detections);

}  // namespace pinfeed
