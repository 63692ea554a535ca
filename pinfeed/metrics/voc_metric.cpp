// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.9.
//
// Average precision as mmdet computes it for Pascal VOC, in its precision: IoUs, counts and
// precisions are float32, recalls double. Detections of a class are sorted by falling score, equal
// ones by image. A detection belongs to the truth with the largest IoU, free or not: the first one
// of a truth is right, each further one wrong, and one of an ignored truth does not count.
#include "pinfeed/metrics/voc_metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "pinfeed/core/error.h"
#include "pinfeed/core/record_id.h"
#include "pinfeed/metrics/coco_match.h"
#include "pinfeed/metrics/float_iou.h"
#include "pinfeed/metrics/pairwise_mean.h"

namespace pinfeed {
namespace {

constexpr float voc_extra = 1.0F;  // pixels added to widths and heights

struct Curve {
  std::vector<double> recalls = {};
  std::vector<float> precisions = {};
};

float eleven_point_mean(const Curve& curve) {
  float sum = 0.0F;
  for (int i = 0; i <= 10; ++i) {
    const double least = i * 0.1;
    float best = 0.0F;
    for (std::size_t at = 0; at < curve.recalls.size(); ++at) {
      if (curve.recalls[at] >= least) best = std::max(best, curve.precisions[at]);
    }
    sum += best;
  }
  return sum / 11.0F;
}

// The area below the precision that is made monotonic from the end.
float area_below(const Curve& curve) {
  std::vector<double> areas;
  std::vector<double> highest(curve.precisions.begin(), curve.precisions.end());
  for (std::size_t i = highest.size(); i-- > 1;)
    highest[i - 1] = std::max(highest[i - 1], highest[i]);
  double before = 0.0;
  for (std::size_t i = 0; i < highest.size(); ++i) {
    if (curve.recalls[i] != before) areas.push_back((curve.recalls[i] - before) * highest[i]);
    before = curve.recalls[i];
  }
  if (before != 1.0) areas.push_back(0.0);  // up to recall 1
  return static_cast<float>(pairwise_sum(areas));
}

// The truths of one image and class, those that count before the ignored ones.
std::vector<VocObject> objects_of(const std::vector<VocObject>& all, std::size_t label) {
  std::vector<VocObject> objects;
  for (const bool ignored : {false, true}) {
    for (const VocObject& one : all) {
      if (one.ignored == ignored && one.label == static_cast<std::int64_t>(label))
        objects.push_back(one);
    }
  }
  return objects;
}

// The truths of one class in an image, and which of them are found.
class FoundObjects {
 public:
  explicit FoundObjects(std::vector<VocObject> objects)
      : objects_(std::move(objects)), found_(objects_.size()) {}

  enum class Verdict { right, wrong, ignored };
  Verdict judge(const Box& box, double threshold) {
    float best = -1.0F;
    std::size_t nearest = 0;
    for (std::size_t i = 0; i < objects_.size(); ++i) {
      const float iou = float_iou(box, objects_[i].box, voc_extra);
      if (iou > best) {
        best = iou;
        nearest = i;
      }
    }
    if (objects_.empty() || best < static_cast<float>(threshold)) return Verdict::wrong;
    if (objects_[nearest].ignored) return Verdict::ignored;
    if (found_[nearest]) return Verdict::wrong;
    found_[nearest] = true;
    return Verdict::right;
  }

 private:
  std::vector<VocObject> objects_;
  std::vector<bool> found_;
};

}  // namespace

std::vector<std::string> voc_metric_names(const VocMetricOptions& options) {
  std::vector<std::string> names = {options.prefix + "/mAP"};
  for (const double threshold : options.iou_thresholds) {
    names.push_back(
        fmt::format("{}/AP{:02d}", options.prefix, static_cast<int>(threshold * 100.0)));
  }
  return names;
}

VocMetric::VocMetric(VocTruth truth, VocMetricOptions options)
    : truth_(std::move(truth)), options_(std::move(options)), detections_(truth_.classes.size()) {}

void VocMetric::add(const ImageDetections& image) {
  if (!truth_.images.contains(image.image_id)) {
    throw Error(ErrorKind::bug, fmt::format("image {} is not among those that are evaluated",
                                            id_text(image.image_id)));
  }
  if (!added_.insert(image.image_id).second) return;
  for (std::size_t i = 0; i < image.boxes.size(); ++i) {
    const std::int64_t label = image.labels[i];
    if (label < 0 || label >= std::ssize(detections_)) {
      throw Error(ErrorKind::bug, fmt::format("label {} of image {} has no class; there are {}",
                                              label, id_text(image.image_id), detections_.size()));
    }
    detections_[static_cast<std::size_t>(label)].push_back(
        {order_.size(), image.boxes[i], image.scores[i]});
  }
  order_.push_back(image.image_id);
}

void VocMetric::reset() {
  order_.clear();
  added_.clear();
  for (auto& detections : detections_) detections.clear();
}

float VocMetric::precision(std::size_t label, double iou_threshold) const {
  std::vector<FoundObjects> images;
  std::int64_t objects = 0;
  for (const std::int64_t id : order_) {
    const std::vector<VocObject> of_image = objects_of(truth_.images.at(id), label);
    objects += std::count_if(of_image.begin(), of_image.end(),
                             [](const VocObject& one) { return !one.ignored; });
    images.emplace_back(of_image);
  }
  if (objects == 0) return std::numeric_limits<float>::quiet_NaN();
  std::vector<Detection> sorted = detections_[label];
  std::stable_sort(sorted.begin(), sorted.end(), [](const Detection& a, const Detection& b) {
    return ranking_score(a.score) > ranking_score(b.score);
  });
  Curve curve;
  float right = 0.0F;
  float wrong = 0.0F;
  for (const Detection& one : sorted) {
    const auto verdict = images[one.image].judge(one.box, iou_threshold);
    right += verdict == FoundObjects::Verdict::right ? 1.0F : 0.0F;
    wrong += verdict == FoundObjects::Verdict::wrong ? 1.0F : 0.0F;
    curve.recalls.push_back(static_cast<double>(right) / static_cast<double>(objects));
    curve.precisions.push_back(right /
                               std::max(right + wrong, std::numeric_limits<float>::epsilon()));
  }
  return options_.mode == VocMode::area ? area_below(curve) : eleven_point_mean(curve);
}

std::vector<float> VocMetric::class_precisions(double iou_threshold) const {
  std::vector<float> precisions;
  for (std::size_t label = 0; label < detections_.size(); ++label) {
    precisions.push_back(precision(label, iou_threshold));
  }
  return precisions;
}

std::vector<CocoDetection> VocMetric::detections() const {
  std::vector<CocoDetection> all;
  for (std::size_t label = 0; label < detections_.size(); ++label) {
    for (const Detection& one : detections_[label]) {
      all.push_back(
          coco_detection(order_[one.image], static_cast<std::int64_t>(label), one.box, one.score));
    }
  }
  return all;
}

MetricValues VocMetric::evaluate(std::vector<std::string>&) const {
  const std::vector<std::string> names = voc_metric_names(options_);
  MetricValues values = {{names.front(), 0.0}};
  double sum = 0.0;
  for (std::size_t i = 0; i < options_.iou_thresholds.size(); ++i) {
    std::vector<float> precisions = class_precisions(options_.iou_thresholds[i]);
    std::erase_if(precisions, [](float value) { return std::isnan(value); });
    const double mean = precisions.empty() ? 0.0 : static_cast<double>(pairwise_mean(precisions));
    sum += mean;
    set_value(values, names[i + 1], rounded_as_text(mean));
  }
  values.front().second = sum / static_cast<double>(options_.iou_thresholds.size());
  return values;
}

}  // namespace pinfeed
