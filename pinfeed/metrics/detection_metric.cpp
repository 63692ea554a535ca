// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.7.
#include "pinfeed/metrics/detection_metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pinfeed {

CocoDetection coco_detection(std::int64_t image_id, std::int64_t category_id, const Box& box,
                             float score) {
  return {.image_id = image_id,
          .category_id = category_id,
          .x = box.x1,
          .y = box.y1,
          .width = static_cast<double>(box.x2) - static_cast<double>(box.x1),
          .height = static_cast<double>(box.y2) - static_cast<double>(box.y1),
          .score = score};
}

void set_value(MetricValues& values, const std::string& name, double value) {
  const auto known = std::find_if(values.begin(), values.end(),
                                  [&](const auto& entry) { return entry.first == name; });
  if (known != values.end())
    known->second = value;
  else
    values.emplace_back(name, value);
}

std::string class_metric_name(const std::string& prefix, const std::string& class_name) {
  return prefix + "/" + class_name + "_precision";
}

void set_class_precisions(MetricValues& values, const std::string& prefix,
                          std::span<const CocoCategory> categories,
                          std::span<const double> precisions) {
  for (std::size_t i = 0; i < categories.size(); ++i) {
    set_value(values, class_metric_name(prefix, categories[i].name),
              precisions[i] < 0.0 ? std::numeric_limits<double>::quiet_NaN()
                                  : rounded_by_numpy(precisions[i]));
  }
}

double rounded_by_numpy(double value) { return std::nearbyint(value * 1000.0) / 1000.0; }

double rounded_as_text(double value) { return std::stod(fmt::format("{:.3f}", value)); }

std::string other_size_warning(std::int64_t count, const std::string& results) {
  return fmt::format(
      "{} detection{} of {}: masks of another size than the ground truth's match "
      "nothing",
      count, count == 1 ? "" : "s", results);
}

}  // namespace pinfeed
