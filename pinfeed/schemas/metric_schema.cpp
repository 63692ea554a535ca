// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.7.
#include "pinfeed/schemas/metric_schema.h"

#include <algorithm>

#include "pinfeed/config/catalog.h"
#include "pinfeed/metrics/coco_metric.h"

namespace pinfeed {
namespace {

std::vector<std::string> metrics_of(const CocoMetricParams& params) {
  if (const auto* one = std::get_if<std::string>(&params.metric)) return {*one};
  return std::get<std::vector<std::string>>(params.metric);
}

void check_metrics(const CocoMetricParams& params) {
  for (const std::string& metric : metrics_of(params)) {
    if (metric == "bbox") continue;
    throw Error(ErrorKind::config, "metric '" + metric + "' is not supported; 'bbox' is");
  }
}

// The scheduler that is the value, or the i-th of a list; null behind the last.
const Value* scheduler_at(const Value& schedulers, std::size_t i) {
  if (!schedulers.is_sequence()) return i == 0 ? &schedulers : nullptr;
  return i < schedulers.items().size() ? &schedulers.items()[i] : nullptr;
}

// The checkpoint hook as the config writes it; null for the default one.
const Value* written_checkpoint_hook(const Value& config) {
  const Value* hooks = config.find("default_hooks");
  return hooks != nullptr ? hooks->find("checkpoint") : nullptr;
}

void check_monitors(const Value& config, const MetricNames& metrics) {
  const Value* schedulers = config.find("param_scheduler");
  if (schedulers == nullptr) return;
  for (std::size_t i = 0; const Value* scheduler = scheduler_at(*schedulers, i); ++i) {
    const Value* type = scheduler->find("type");
    if (type == nullptr) continue;
    const std::string path = schedulers->is_sequence()
                                 ? "param_scheduler[" + std::to_string(i) + "]"
                                 : "param_scheduler";
    const std::string name = type_of(*scheduler, path).name;
    if (!name.starts_with("ReduceOnPlateau")) continue;
    const Value* written = scheduler->find("monitor");
    const std::string monitor =
        written != nullptr ? convert<std::string>(*written, path + ".monitor") : "loss";
    if (metrics.have(monitor)) continue;
    throw Error(ErrorKind::config,
                name + " monitors '" + monitor + "', which is no metric of the validation")
        .at(written != nullptr ? written->span() : scheduler->span())
        .inside(path + ".monitor")
        .help("the metrics are " + joined(metrics.names));
  }
}

}  // namespace

bool MetricNames::have(const std::string& name) const {
  if (std::find(names.begin(), names.end(), name) != names.end()) return true;
  return any_class && name.starts_with("coco/") && name.ends_with("_precision");
}

MetricNames metric_names(const CocoMetricParams& params,
                         const std::optional<std::vector<std::string>>& classes) {
  MetricNames metrics{.names = coco_metric_names(),
                      .any_class = params.classwise && !classes.has_value()};
  if (!params.classwise || !classes) return metrics;
  for (const std::string& name : *classes) metrics.names.push_back(class_metric_name(name));
  return metrics;
}

void check_metric_names(const Value& config, const CheckpointHook* hook,
                        const MetricNames& metrics) {
  check_monitors(config, metrics);
  if (hook == nullptr) return;
  const Value* written = written_checkpoint_hook(config);
  const Value* save_best = written != nullptr ? written->find("save_best") : nullptr;
  const SourceSpan span = save_best != nullptr ? save_best->span() : SourceSpan{};
  for (const std::string& metric : hook->best_metrics()) {
    if (metric == "auto") continue;
    if (!metrics.have(metric)) {
      throw Error(ErrorKind::config, "save_best is '" + metric + "', which is not a metric")
          .at(span)
          .inside("default_hooks.checkpoint.save_best")
          .help("the metrics are " + joined(metrics.names));
    }
    (void)hook->greater_is_better(metric);
  }
}

void describe(Schema<CocoMetricParams>& schema) {
  schema.summary("Mean average precision of boxes, as COCO measures it.")
      .optional("ann_file", &CocoMetricParams::ann_file,
                "ground truth, a COCO file; None: the objects of the data set")
      .optional("metric", &CocoMetricParams::metric, "'bbox'")
      .optional("classwise", &CocoMetricParams::classwise, "also log the precision of each class")
      .optional("proposal_nums", &CocoMetricParams::proposal_nums,
                "numbers of detections per image for recall")
      .optional("outfile_prefix", &CocoMetricParams::outfile_prefix,
                "detections are written to <prefix>.bbox.json")
      .accepted("collect_device", "there is one process")
      .accepted("backend_args", "files are local")
      .accepted("prefix", "metrics are called coco/...")
      .refused("format_only", "use `pinfeed eval CONFIG CHECKPOINT --out results.json`")
      .refused("iou_thrs", "the IoU thresholds are those of COCO")
      .refused("metric_items", "all six are logged")
      .refused("sort_categories", "categories keep the order of the file")
      .refused("use_mp_eval", "the evaluation runs in one process")
      .check(check_metrics);
}

CocoMetricParams read_evaluator(const Value& config, const std::string& section) {
  const Value* value = config.find(section);
  if (value == nullptr || value->is_none()) {
    throw Error(ErrorKind::config, "the config has no " + section)
        .help(section + " = dict(type='CocoMetric', ann_file=..., metric='bbox')");
  }
  std::string path = section;
  if (value->is_sequence()) {
    if (value->items().size() != 1) {
      throw Error(ErrorKind::config, section + " must be one metric")
          .at(value->span())
          .inside(section);
    }
    value = &value->items().front();
    path += "[0]";
  }
  if (type_of(*value, path).name != CocoMetricParams::name) {
    throw unknown_type("metric", *value, path, {CocoMetricParams::name});
  }
  return schema_of<CocoMetricParams>().parse(*value, path);
}

}  // namespace pinfeed
