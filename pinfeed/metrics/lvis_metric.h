// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pinfeed/annotations/lvis_file.h"
#include "pinfeed/metrics/coco_metric.h"
#include "pinfeed/metrics/lvis_eval.h"

namespace pinfeed {

struct LvisMetricOptions {
  std::vector<IouType> types = {IouType::bbox};
  std::vector<std::string> items = {};  // of lvis_item_names(); none: those of AP
  bool classwise = false;
  std::string prefix = "lvis";
};

/// The names of the metrics, without those of classes: "lvis/bbox_AP", ...
std::vector<std::string> lvis_metric_names(const LvisMetricOptions& options);

/// mmdet's LVISMetric for AP of boxes and masks (docs/specs/openmmlab-data.md, 6.10).
class LvisMetric : public DetectionMetric {
 public:
  /// As CocoMetric().
  LvisMetric(std::shared_ptr<const CocoFile> truth, LvisRules rules,
             std::vector<std::int64_t> category_ids, LvisMetricOptions options,
             MaskReader truth_masks = {});

  void add(const ImageDetections& image) override { collected_.add(image); }
  void reset() override { collected_.reset(); }
  /// Values under mmdet's names, rounded to 3 decimals. Those of classes without ground truth are
  /// NaN.
  MetricValues evaluate(std::vector<std::string>& warnings) const override;

  /// The detections so far, as boxes and, if they are evaluated, masks.
  const CocoMetric& collected() const { return collected_; }

 private:
  LvisEvaluation evaluation(IouType type) const;

  CocoMetric collected_;
  LvisRules rules_;
  LvisMetricOptions options_;
  MaskReader truth_masks_;
};

}  // namespace pinfeed
