// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.7.
#include "pinfeed/metrics/coco_metric.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pinfeed/core/error.h"
#include "pinfeed/core/record_id.h"
#include "pinfeed/metrics/proposal_recall.h"

namespace pinfeed {
namespace {

constexpr std::array<const char*, 4> measure_names = {"bbox", "segm", "proposal", "proposal_fast"};
constexpr std::array<const char*, 12> item_names = {
    "mAP",    "mAP_50", "mAP_75",  "mAP_s",     "mAP_m",     "mAP_l",
    "AR@100", "AR@300", "AR@1000", "AR_s@1000", "AR_m@1000", "AR_l@1000"};

bool is_proposal(CocoMeasure measure) {
  return measure == CocoMeasure::proposal || measure == CocoMeasure::proposal_fast;
}

// Indices of item_names.
std::vector<std::size_t> items_of(const CocoMetricOptions& options, CocoMeasure measure) {
  std::vector<std::size_t> items;
  for (std::size_t i = 0; i < item_names.size(); ++i) {
    const bool usual = is_proposal(measure) ? i >= 6 : i < 6;
    const auto& wanted = options.items;
    const bool listed = std::find(wanted.begin(), wanted.end(), item_names[i]) != wanted.end();
    if (wanted.empty() ? usual : listed) items.push_back(i);
  }
  return items;
}

std::string item_name(const CocoMetricOptions& options, CocoMeasure measure, std::size_t item) {
  const std::string kind =
      measure == CocoMeasure::proposal ? "" : std::string(name_of(measure)) + "_";
  return options.prefix + "/" + kind + item_names[item];
}

std::string recall_name(const CocoMetricOptions& options, int proposals) {
  return fmt::format("{}/AR@{}", options.prefix, proposals);
}

}  // namespace

const char* name_of(CocoMeasure measure) {
  return measure_names[static_cast<std::size_t>(measure)];
}

std::optional<CocoMeasure> coco_measure(std::string_view name) {
  for (std::size_t i = 0; i < measure_names.size(); ++i) {
    if (name == measure_names[i]) return static_cast<CocoMeasure>(i);
  }
  return std::nullopt;
}

bool CocoMetricOptions::has(CocoMeasure measure) const {
  return std::find(measures.begin(), measures.end(), measure) != measures.end();
}

std::vector<std::string> coco_item_names() { return {item_names.begin(), item_names.end()}; }

std::vector<std::string> coco_metric_names(const CocoMetricOptions& options) {
  MetricValues names;
  for (const CocoMeasure measure : options.measures) {
    if (measure == CocoMeasure::proposal_fast) {
      for (const int count : options.proposal_nums)
        set_value(names, recall_name(options, count), 0);
      continue;
    }
    for (const std::size_t item : items_of(options, measure)) {
      set_value(names, item_name(options, measure, item), 0);
    }
  }
  std::vector<std::string> texts;
  for (const auto& [name, value] : names) texts.push_back(name);
  return texts;
}

CocoMetric::CocoMetric(std::shared_ptr<const CocoFile> truth,
                       std::vector<std::int64_t> category_ids, CocoMetricOptions options,
                       MaskReader truth_masks)
    : truth_(std::move(truth)),
      category_ids_(std::move(category_ids)),
      options_(std::move(options)),
      truth_masks_(std::move(truth_masks)) {}

void CocoMetric::add(const ImageDetections& image) {
  if (!added_.insert(image.image_id).second) return;
  const bool with_masks = options_.has(CocoMeasure::segm);
  if (with_masks && image.masks.size() != image.boxes.size()) {
    throw Error(ErrorKind::config, "metric 'segm' compares masks, and the model predicts none")
        .help("evaluate metric='bbox', or train a model with a mask_head");
  }
  for (std::size_t i = 0; i < image.boxes.size(); ++i) {
    const std::int64_t label = image.labels[i];
    if (label < 0 || label >= std::ssize(category_ids_)) {
      throw Error(ErrorKind::bug,
                  fmt::format("label {} of image {} has no category; there are {}", label,
                              id_text(image.image_id), category_ids_.size()));
    }
    detections_.push_back(coco_detection(image.image_id,
                                         category_ids_[static_cast<std::size_t>(label)],
                                         image.boxes[i], image.scores[i]));
    if (with_masks) masks_.add(image.masks[i]);
  }
}

void CocoMetric::reset() {
  detections_.clear();
  masks_.clear();
  added_.clear();
}

CocoEvaluation CocoMetric::evaluation(IouType type, const MaxDetections& max_detections) const {
  const CocoOptions options{.max_detections = max_detections};
  if (type == IouType::bbox) return evaluate_boxes(*truth_, detections_, options);
  return evaluate_masks(
      *truth_, truth_masks_, detections_, [this](std::size_t i) { return masks_.at(i); },
      DetectionArea::mask, options);
}

MetricValues CocoMetric::evaluate(std::vector<std::string>& warnings) const {
  MetricValues values;
  for (const CocoMeasure measure : options_.measures) {
    if (measure == CocoMeasure::proposal) {
      const CocoEvaluation found =
          evaluate_boxes(*truth_, detections_,
                         {.max_detections = options_.proposal_nums, .use_categories = false});
      for (const std::size_t item : items_of(options_, measure)) {
        set_value(values, item_name(options_, measure, item), rounded_as_text(found.stats[item]));
      }
    } else if (measure == CocoMeasure::proposal_fast) {
      const auto recalls = proposal_recall(*truth_, detections_, options_.proposal_nums);
      for (std::size_t i = 0; i < recalls.size(); ++i) {
        set_value(values, recall_name(options_, options_.proposal_nums[i]), recalls[i]);
      }
    } else {
      set_precisions(measure, values, warnings);
    }
  }
  return values;
}

// Upstream logs the same name for the precision of a class in boxes and in masks.
void CocoMetric::set_precisions(CocoMeasure measure, MetricValues& values,
                                std::vector<std::string>& warnings) const {
  const IouType type = measure == CocoMeasure::segm ? IouType::segm : IouType::bbox;
  const CocoEvaluation found = evaluation(type, options_.proposal_nums);
  if (found.masks_of_other_size > 0)
    warnings.push_back(other_size_warning(found.masks_of_other_size, "the model"));
  for (const std::size_t item : items_of(options_, measure)) {
    set_value(values, item_name(options_, measure, item), rounded_by_numpy(found.stats[item]));
  }
  if (!options_.classwise) return;
  set_class_precisions(values, options_.prefix, found.categories, found.category_ap);
}

}  // namespace pinfeed
