// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.7.
#include "pinfeed/schemas/evaluator_list.h"

#include <algorithm>
#include <map>

#include "pinfeed/config/catalog.h"

namespace pinfeed {
namespace {

EvaluatorParams read_metric(const Value& value, const std::string& path) {
  const std::string name = type_of(value, path).name;
  if (name == CocoMetricParams::name) return schema_of<CocoMetricParams>().parse(value, path);
  if (name == VocMetricParams::name) return schema_of<VocMetricParams>().parse(value, path);
  if (name == LvisMetricParams::name) return schema_of<LvisMetricParams>().parse(value, path);
  throw unknown_type("metric", value, path,
                     {CocoMetricParams::name, VocMetricParams::name, LvisMetricParams::name});
}

std::vector<std::string> names_of(const EvaluatorParams& evaluator) {
  if (const auto* coco = std::get_if<CocoMetricParams>(&evaluator)) {
    return coco_metric_names(metric_options(*coco));
  }
  if (const auto* lvis = std::get_if<LvisMetricParams>(&evaluator)) {
    return lvis_metric_names(metric_options(*lvis));
  }
  return voc_metric_names(metric_options(std::get<VocMetricParams>(evaluator)));
}

// The prefix of an evaluator that logs the precision of each class; empty for another.
std::optional<std::string> prefix_of_classes(const EvaluatorParams& evaluator) {
  if (const auto* coco = std::get_if<CocoMetricParams>(&evaluator)) {
    if (coco->classwise) return metric_options(*coco).prefix;
  }
  if (const auto* lvis = std::get_if<LvisMetricParams>(&evaluator)) {
    if (lvis->classwise) return metric_options(*lvis).prefix;
  }
  return std::nullopt;
}

void require_different_names(const std::vector<EvaluatorParams>& evaluators, const Value& list,
                             const std::string& section) {
  std::map<std::string, std::size_t> owners;
  for (std::size_t i = 0; i < evaluators.size(); ++i) {
    for (const std::string& name : names_of(evaluators[i])) {
      const auto [owner, added] = owners.emplace(name, i);
      if (added || owner->second == i) continue;
      throw Error(ErrorKind::config, section + "[" + std::to_string(owner->second) + "] and " +
                                         section + "[" + std::to_string(i) + "] both log '" + name +
                                         "'")
          .at(list.items()[i].span())
          .inside(section + "[" + std::to_string(i) + "]")
          .help("give them different prefixes: prefix='name'");
    }
  }
}

// Whether a part of the model is a mask_head.
bool has_mask_head(const Value& part) {
  if (part.is_sequence()) {
    return std::any_of(part.items().begin(), part.items().end(), has_mask_head);
  }
  if (!part.is_dict()) return false;
  const Value* head = part.find("mask_head");
  if (head != nullptr && !head->is_none()) return true;
  return std::any_of(part.dict().entries().begin(), part.dict().entries().end(),
                     [](const Dict::Entry& entry) { return has_mask_head(entry.value); });
}

bool compares_masks(const EvaluatorParams& evaluator) {
  if (const auto* coco = std::get_if<CocoMetricParams>(&evaluator)) {
    return metric_options(*coco).has(CocoMeasure::segm);
  }
  const auto* lvis = std::get_if<LvisMetricParams>(&evaluator);
  if (lvis == nullptr) return false;
  const std::vector<IouType> types = metric_options(*lvis).types;
  return std::find(types.begin(), types.end(), IouType::segm) != types.end();
}

}  // namespace

std::vector<EvaluatorParams> read_evaluators(const Value& config, const std::string& section) {
  const Value* value = config.find(section);
  if (value == nullptr || value->is_none() || (value->is_sequence() && value->items().empty())) {
    throw Error(ErrorKind::config, "the config has no " + section)
        .help(section + " = dict(type='CocoMetric', ann_file=..., metric='bbox')");
  }
  if (!value->is_sequence()) return {read_metric(*value, section)};
  std::vector<EvaluatorParams> evaluators;
  for (std::size_t i = 0; i < value->items().size(); ++i) {
    evaluators.push_back(read_metric(value->items()[i], section + "[" + std::to_string(i) + "]"));
  }
  require_different_names(evaluators, *value, section);
  return evaluators;
}

void check_mask_head(const Value& config, const std::vector<EvaluatorParams>& evaluators,
                     const std::string& section) {
  const Value* model = config.find("model");
  if (model == nullptr || has_mask_head(*model)) return;
  const Value& written = *config.find(section);
  for (std::size_t i = 0; i < evaluators.size(); ++i) {
    if (!compares_masks(evaluators[i])) continue;
    const Value& evaluator = written.is_sequence() ? written.items()[i] : written;
    const Value* metric = evaluator.find("metric");
    const std::string index = written.is_sequence() ? "[" + std::to_string(i) + "]" : "";
    throw Error(ErrorKind::config, "metric 'segm' compares masks, and the model has no mask_head")
        .at(metric != nullptr ? metric->span() : evaluator.span())
        .inside(section + index + ".metric")
        .help("evaluate metric='bbox'");
  }
}

MetricNames metric_names(const std::vector<EvaluatorParams>& evaluators,
                         const std::optional<std::vector<std::string>>& classes) {
  MetricNames metrics;
  for (const EvaluatorParams& evaluator : evaluators) {
    for (const std::string& name : names_of(evaluator)) metrics.names.push_back(name);
    const std::optional<std::string> prefix = prefix_of_classes(evaluator);
    if (!prefix) continue;
    if (!classes) metrics.any_class_of.push_back(*prefix);
    for (const std::string& name : classes.value_or(std::vector<std::string>{})) {
      metrics.names.push_back(*prefix + "/" + name + "_precision");
    }
  }
  return metrics;
}

}  // namespace pinfeed
