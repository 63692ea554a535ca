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
/// The name of the precision of one class: "coco/person_precision".
std::string class_metric_name(const std::string& prefix, const std::string& class_name);
/// Sets the precision of each class, as numpy rounds it; NaN for one without ground truth.
void set_class_precisions(MetricValues& values, const std::string& prefix,
                          std::span<const CocoCategory> categories,
                          std::span<const double> precisions);

// mmdet rounds values to 3 decimals in two ways.

/// As numpy.round(): the product with 1000 is rounded, half to even, and divided by 1000.
double rounded_by_numpy(double value);
/// As a number that is formatted: the decimals are those of the exact value.
double rounded_as_text(double value);

/// The warning about detections whose masks have another size than the ground truth's. `count` is
/// positive; `results` names the detections: "the model".
std::string other_size_warning(std::int64_t count, const std::string& results);

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
  /// The metrics under their names with prefix. Adds to `warnings` what makes the values doubtful.
  virtual MetricValues evaluate(std::vector<std::string>& warnings) const = 0;
};

}  // namespace pinfeed
