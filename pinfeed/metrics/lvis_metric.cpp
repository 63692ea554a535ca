// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.10.
#include "pinfeed/metrics/lvis_metric.h"

#include <fmt/format.h>

#include <algorithm>

namespace pinfeed {
namespace {

constexpr std::size_t precision_items = 9;  // of lvis_item_names(); recalls follow

// Indices of lvis_item_names().
std::vector<std::size_t> logged_items(const LvisMetricOptions& options) {
  const std::vector<std::string> names = lvis_item_names();
  std::vector<std::size_t> items;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool listed =
        std::find(options.items.begin(), options.items.end(), names[i]) != options.items.end();
    if (options.items.empty() ? i < precision_items : listed) items.push_back(i);
  }
  return items;
}

std::string lvis_name(const LvisMetricOptions& options, IouType type, std::size_t item) {
  return fmt::format("{}/{}_{}", options.prefix, name_of(type), lvis_item_names()[item]);
}

CocoMetricOptions collecting(const LvisMetricOptions& options) {
  CocoMetricOptions collected{.measures = {}, .prefix = options.prefix};
  for (const IouType type : options.types) {
    collected.measures.push_back(type == IouType::segm ? CocoMeasure::segm : CocoMeasure::bbox);
  }
  return collected;
}

}  // namespace

std::vector<std::string> lvis_metric_names(const LvisMetricOptions& options) {
  std::vector<std::string> names;
  for (const IouType type : options.types) {
    for (const std::size_t item : logged_items(options)) {
      names.push_back(lvis_name(options, type, item));
    }
  }
  return names;
}

LvisMetric::LvisMetric(std::shared_ptr<const CocoFile> truth, LvisRules rules,
                       std::vector<std::int64_t> category_ids, LvisMetricOptions options,
                       MaskReader truth_masks)
    : collected_(std::move(truth), std::move(category_ids), collecting(options)),
      rules_(std::move(rules)),
      options_(std::move(options)),
      truth_masks_(std::move(truth_masks)) {}

// Upstream leaves boxes in its results for masks: the area of a detection is that of its box.
LvisEvaluation LvisMetric::evaluation(IouType type) const {
  const CocoFile& truth = collected_.truth();
  if (type == IouType::bbox) return evaluate_lvis_boxes(truth, rules_, collected_.detections());
  return evaluate_lvis_masks(
      truth, rules_, truth_masks_, collected_.detections(),
      [this](std::size_t index) { return collected_.masks().at(index); }, DetectionArea::box);
}

MetricValues LvisMetric::evaluate(std::vector<std::string>& warnings) const {
  MetricValues values;
  for (const IouType type : options_.types) {
    const LvisEvaluation found = evaluation(type);
    if (found.masks_of_other_size > 0)
      warnings.push_back(other_size_warning(found.masks_of_other_size, "the model"));
    for (const std::size_t item : logged_items(options_)) {
      set_value(values, lvis_name(options_, type, item), rounded_as_text(found.stats[item]));
    }
    if (!options_.classwise) continue;
    set_class_precisions(values, options_.prefix, found.categories, found.category_ap);
  }
  return values;
}

}  // namespace pinfeed
