// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/core/geometry.h"
#include "pinfeed/image/draw/run_mask.h"
#include "pinfeed/metrics/coco_eval.h"

namespace pinfeed {

/// Detections in one image, in pixels of the original image.
struct ImageDetections {
  std::int64_t image_id = 0;
  std::span<const Box> boxes = {};
  std::span<const float> scores = {};
  std::span<const std::int64_t> labels = {};
  std::span<const RunMask> masks = {};  // of each detection, or none
};

/// A row of a results file. As upstream, the float32 corners become double before they are
/// subtracted.
CocoDetection coco_detection(std::int64_t image_id, std::int64_t category_id, const Box& box,
                             float score);

/// Metrics by name, in the order they are logged.
using MetricValues = std::vector<std::pair<std::string, double>>;

/// Sets the value of a name: a name that occurs again gets the new value, as upstream.
void set_value(MetricValues& values, const std::string& name, double value);

/// Collects the detections of a data set and measures them. One thread at a time.
class DetectionMetric {
 public:
  DetectionMetric() = default;
  DetectionMetric(const DetectionMetric&) = delete;
  DetectionMetric& operator=(const DetectionMetric&) = delete;
  virtual ~DetectionMetric() = default;

  /// Adds the detections of one image. An image that was added before is ignored, because samplers
  /// may repeat images. Throws Error(bug) for a label without a category.
  virtual void add(const ImageDetections& image) = 0;
  virtual void reset() = 0;
  /// The metrics under their names with prefix.
  virtual MetricValues evaluate() const = 0;
};

}  // namespace pinfeed
