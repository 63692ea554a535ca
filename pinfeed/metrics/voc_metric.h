// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "pinfeed/metrics/detection_metric.h"

namespace pinfeed {

/// How precision over recall becomes one number: the mean of the precisions at 11 recalls (VOC
/// 2007), or the area (VOC 2012).
enum class VocMode { eleven_points, area };

struct VocMetricOptions {
  std::vector<double> iou_thresholds = {0.5};
  VocMode mode = VocMode::eleven_points;
  std::string prefix = "pascal_voc";
};

/// An object of the ground truth.
struct VocObject {
  Box box = {};
  std::int64_t label = 0;
  bool ignored = false;  // "difficult": neither found nor missed
};

struct VocTruth {
  std::vector<std::string> classes = {};
  std::unordered_map<std::int64_t, std::vector<VocObject>> images = {};  // by id
};

/// The names of the metrics: "pascal_voc/mAP", then "pascal_voc/AP50" of each threshold.
std::vector<std::string> voc_metric_names(const VocMetricOptions& options);

/// mmdet's VOCMetric for mAP (docs/specs/openmmlab-data.md, 6.9), with the widths and heights of
/// VOC: x2 - x1 + 1.
class VocMetric : public DetectionMetric {
 public:
  VocMetric(VocTruth truth, VocMetricOptions options);

  /// Throws Error(bug) for an image that the ground truth does not have.
  void add(const ImageDetections& image) override;
  void reset() override;
  /// The mean over thresholds, then that of each threshold, rounded to 3 decimals.
  MetricValues evaluate(std::vector<std::string>& warnings) const override;

  /// The AP of each class at one threshold, in float32 as upstream; NaN without ground truth.
  std::vector<float> class_precisions(double iou_threshold) const;
  /// The detections so far, with labels as category ids.
  std::vector<CocoDetection> detections() const;
  const VocMetricOptions& options() const { return options_; }

 private:
  struct Detection {
    std::size_t image = 0;  // position in order_
    Box box = {};
    float score = 0.0F;
  };
  float precision(std::size_t label, double iou_threshold) const;

  VocTruth truth_;
  VocMetricOptions options_;
  std::vector<std::int64_t> order_ = {};            // image ids as added
  std::unordered_set<std::int64_t> added_ = {};     // the same
  std::vector<std::vector<Detection>> detections_;  // of each label
};

}  // namespace pinfeed
