// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.7.
#include "pinfeed/metrics/coco_metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/json_text.h"
#include "pinfeed/core/record_id.h"

namespace pinfeed {
namespace {

// Upstream converts the float32 corners to double before it subtracts them.
CocoDetection detection_of(std::int64_t image_id, std::int64_t category_id, const Box& box,
                           float score) {
  return {.image_id = image_id,
          .category_id = category_id,
          .x = box.x1,
          .y = box.y1,
          .width = static_cast<double>(box.x2) - static_cast<double>(box.x1),
          .height = static_cast<double>(box.y2) - static_cast<double>(box.y1),
          .score = score};
}

}  // namespace

CocoMetric::CocoMetric(CocoFile truth, std::vector<std::int64_t> category_ids)
    : truth_(std::move(truth)), category_ids_(std::move(category_ids)) {}

void CocoMetric::add(std::int64_t image_id, std::span<const Box> boxes,
                     std::span<const float> scores, std::span<const std::int64_t> labels) {
  const auto position = std::lower_bound(added_.begin(), added_.end(), image_id);
  if (position != added_.end() && *position == image_id) return;
  added_.insert(position, image_id);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= std::ssize(category_ids_)) {
      throw Error(ErrorKind::bug, fmt::format("label {} of image {} has no category; there are {}",
                                              labels[i], image_id, category_ids_.size()));
    }
    const auto label = static_cast<std::size_t>(labels[i]);
    detections_.push_back(detection_of(image_id, category_ids_[label], boxes[i], scores[i]));
  }
}

CocoEvaluation CocoMetric::evaluate() const {
  return evaluate_boxes(truth_, detections_, mmdet_max_detections);
}

void CocoMetric::reset() {
  detections_.clear();
  added_.clear();
}

std::vector<std::pair<std::string, double>> metric_values(const CocoEvaluation& evaluation) {
  std::vector<std::pair<std::string, double>> values;
  for (const std::string& name : coco_metric_names()) {
    const double rounded = std::nearbyint(evaluation.stats[values.size()] * 1000.0) / 1000.0;
    values.emplace_back(name, rounded);
  }
  return values;
}

std::vector<std::string> coco_metric_names() {
  return {"coco/bbox_mAP",   "coco/bbox_mAP_50", "coco/bbox_mAP_75",
          "coco/bbox_mAP_s", "coco/bbox_mAP_m",  "coco/bbox_mAP_l"};
}

std::string class_metric_name(const std::string& class_name) {
  return "coco/" + class_name + "_precision";
}

void write_coco_results(std::span<const CocoDetection> detections, const std::string& path) {
  write_atomically(path, [&](FileWriter& file) {
    std::string text = "[";
    for (const CocoDetection& one : detections) {
      text += fmt::format(
          R"({}{{"image_id": {}, "category_id": {}, "bbox": [{}, {}, {}, {}], "score": {}}})",
          text.size() == 1 ? "\n" : ",\n", id_json(one.image_id), id_json(one.category_id),
          json_number(one.x), json_number(one.y), json_number(one.width), json_number(one.height),
          json_number(one.score));
    }
    text += "\n]\n";
    file.write(text);
  });
}

}  // namespace pinfeed
