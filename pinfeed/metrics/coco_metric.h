// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "pinfeed/metrics/coco_eval.h"
#include "pinfeed/metrics/coco_masks.h"
#include "pinfeed/metrics/detection_metric.h"

namespace pinfeed {

/// What mmdet's CocoMetric measures: AP of boxes and masks, recall of boxes without regard to
/// categories as COCOeval counts it, and as mmdet's fast_eval_recall does.
enum class CocoMeasure { bbox, segm, proposal, proposal_fast };

/// Upstream's name of a measure, and back; empty for another name.
const char* name_of(CocoMeasure measure);
std::optional<CocoMeasure> coco_measure(std::string_view name);

struct CocoMetricOptions {
  std::vector<CocoMeasure> measures = {CocoMeasure::bbox};
  std::vector<std::string> items = {};  // names of statistics; none: those that upstream logs
  bool classwise = false;
  MaxDetections proposal_nums = mmdet_max_detections;
  std::string prefix = "coco";

  bool has(CocoMeasure measure) const;
};

/// The names that CocoMetricOptions::items may have, in the order of CocoEvaluation::stats.
std::vector<std::string> coco_item_names();
/// The names of the metrics, without those of classes.
std::vector<std::string> coco_metric_names(const CocoMetricOptions& options);

/// mmdet's CocoMetric (docs/specs/openmmlab-data.md, 6.7).
class CocoMetric : public DetectionMetric {
 public:
  /// `category_ids` has the category id of each label (Metainfo::category_ids); `truth_masks` those
  /// of the annotations, for CocoMeasure::segm.
  CocoMetric(std::shared_ptr<const CocoFile> truth, std::vector<std::int64_t> category_ids,
             CocoMetricOptions options = {}, MaskReader truth_masks = {});

  /// With CocoMeasure::segm throws Error(config) for detections without masks.
  void add(const ImageDetections& image) override;
  void reset() override;
  /// Values under mmdet's names, rounded to 3 decimals: {"coco/bbox_mAP", 0.425}, ..._50, _75, _s,
  /// _m, _l. Those of classes without ground truth are NaN.
  MetricValues evaluate(std::vector<std::string>& warnings) const override;

  /// COCOeval of boxes or masks. Masks exist only with CocoMeasure::segm.
  CocoEvaluation evaluation(IouType type, const MaxDetections& max_detections) const;

  const CocoMetricOptions& options() const { return options_; }
  const CocoFile& truth() const { return *truth_; }
  const std::vector<CocoDetection>& detections() const { return detections_; }
  /// Of each detection; none without CocoMeasure::segm.
  const MaskStore& masks() const { return masks_; }

 private:
  void set_precisions(CocoMeasure measure, MetricValues& values,
                      std::vector<std::string>& warnings) const;

  std::shared_ptr<const CocoFile> truth_;
  std::vector<std::int64_t> category_ids_;
  CocoMetricOptions options_;
  MaskReader truth_masks_;
  std::vector<CocoDetection> detections_ = {};
  MaskStore masks_ = {};
  std::unordered_set<std::int64_t> added_ = {};  // image ids
};

/// Writes the detections to a COCO results file, atomically. Throws Error(system).
void write_coco_results(std::span<const CocoDetection> detections, const std::string& path);
/// The same with the mask of each detection in place of its box, as mmdet evaluates masks: areas
/// are then those of the masks.
void write_coco_results(std::span<const CocoDetection> detections, const MaskStore& masks,
                        const std::string& path);

}  // namespace pinfeed
