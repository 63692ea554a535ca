// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/core/geometry.h"
#include "pinfeed/metrics/coco_eval.h"

namespace pinfeed {

/// Collects the detections of a data set and evaluates them as mmdet's CocoMetric does
/// (docs/specs/openmmlab-data.md, 6.7). One thread at a time.
class CocoMetric {
 public:
  /// `category_ids` has the category id of each label (Metainfo::category_ids).
  CocoMetric(CocoFile truth, std::vector<std::int64_t> category_ids);

  /// Adds the detections of one image, in pixels of the original image. An image that was added
  /// before is ignored, because samplers may repeat images. Throws Error(bug) for a label without
  /// a category.
  void add(std::int64_t image_id, std::span<const Box> boxes, std::span<const float> scores,
           std::span<const std::int64_t> labels);

  const CocoFile& truth() const { return truth_; }
  const std::vector<CocoDetection>& detections() const { return detections_; }
  CocoEvaluation evaluate() const;
  void reset();

 private:
  CocoFile truth_;
  std::vector<std::int64_t> category_ids_;
  std::vector<CocoDetection> detections_ = {};
  std::vector<std::int64_t> added_ = {};  // image ids, ascending
};

/// The values under mmdet's names, rounded to 3 decimals: {"coco/bbox_mAP", 0.425}, ..._50, _75,
/// _s, _m, _l.
std::vector<std::pair<std::string, double>> metric_values(const CocoEvaluation& evaluation);

/// The names of metric_values(), in its order.
std::vector<std::string> coco_metric_names();
/// The name of the precision of one class: "coco/person_precision".
std::string class_metric_name(const std::string& class_name);

/// Writes the detections to a COCO results file, atomically. Throws Error(system).
void write_coco_results(std::span<const CocoDetection> detections, const std::string& path);

}  // namespace pinfeed
