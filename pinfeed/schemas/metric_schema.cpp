// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.7.
#include "pinfeed/schemas/metric_schema.h"

#include <algorithm>

#include "pinfeed/config/catalog.h"

namespace pinfeed {
namespace {

void check_coco_metric(const CocoMetricParams& params) {
  if (texts_of(params.metric).empty()) {
    throw Error(ErrorKind::config, "metric is an empty list; name what to evaluate")
        .help("the metrics are bbox, segm, proposal, proposal_fast");
  }
  for (const std::string& metric : texts_of(params.metric)) {
    if (coco_measure(metric)) continue;
    throw Error(ErrorKind::config, "metric '" + metric + "' is not known")
        .help("the metrics are bbox, segm, proposal, proposal_fast");
  }
  const std::vector<std::string> known = coco_item_names();
  for (const std::string& item : params.metric_items.value_or(std::vector<std::string>{})) {
    if (std::find(known.begin(), known.end(), item) != known.end()) continue;
    throw Error(ErrorKind::config, "metric_items has '" + item + "', which is not known")
        .help("the items are " + joined(known));
  }
  for (const int count : params.proposal_nums) {
    if (count >= 1) continue;
    throw Error(ErrorKind::config,
                "proposal_nums has " + std::to_string(count) + "; it must be at least 1");
  }
}

void check_voc_metric(const VocMetricParams& params) {
  const std::vector<std::string> metrics = texts_of(params.metric);
  if (metrics != std::vector<std::string>{"mAP"}) {
    throw Error(ErrorKind::config, "VOCMetric measures " + joined(metrics) + "; only mAP is known")
        .help("CocoMetric(metric='proposal_fast') measures the recall of boxes");
  }
  if (params.eval_mode != "11points" && params.eval_mode != "area") {
    throw Error(ErrorKind::config,
                "eval_mode is '" + params.eval_mode + "'; it must be '11points' or 'area'");
  }
  for (const double threshold : metric_options(params).iou_thresholds) {
    if (threshold > 0.0 && threshold <= 1.0) continue;
    throw Error(ErrorKind::config,
                "iou_thrs has " + std::to_string(threshold) + "; it must be above 0 and at most 1");
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
  return std::any_of(any_class_of.begin(), any_class_of.end(), [&](const std::string& prefix) {
    return name.starts_with(prefix + "/") && name.ends_with("_precision");
  });
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
  schema
      .summary(
          "Mean average precision of boxes and masks, and recall of boxes, as COCO measures them.")
      .optional("ann_file", &CocoMetricParams::ann_file,
                "ground truth, a COCO file; None: the objects of the data set")
      .optional("metric", &CocoMetricParams::metric,
                "'bbox', 'segm', 'proposal' or 'proposal_fast', or a list of them")
      .optional("metric_items", &CocoMetricParams::metric_items,
                "statistics to log, such as 'mAP_50' or 'AR@100'; None: the six of AP, or of AR "
                "for proposals")
      .optional("classwise", &CocoMetricParams::classwise,
                "also log the precision of each class; with boxes and masks, that of masks")
      .optional("proposal_nums", &CocoMetricParams::proposal_nums,
                "numbers of detections per image for recall")
      .optional("outfile_prefix", &CocoMetricParams::outfile_prefix,
                "detections are written to <prefix>.bbox.json, masks to <prefix>.segm.json")
      .optional("prefix", &CocoMetricParams::prefix, "of the names in the log; None: coco")
      .accepted("collect_device", "there is one process")
      .accepted("backend_args", "files are local")
      .refused("format_only", "use `pinfeed eval CONFIG CHECKPOINT --out results.json`")
      .refused("iou_thrs", "the IoU thresholds are those of COCO")
      .refused("sort_categories", "categories keep the order of the file")
      .accepted("use_mp_eval", "the evaluation uses all cores")
      .check(check_coco_metric);
}

CocoMetricOptions metric_options(const CocoMetricParams& params) {
  CocoMetricOptions options{.measures = {},
                            .items = params.metric_items.value_or(std::vector<std::string>{}),
                            .classwise = params.classwise,
                            .proposal_nums = params.proposal_nums};
  for (const std::string& metric : texts_of(params.metric)) {
    options.measures.push_back(coco_measure(metric).value());
  }
  // Upstream takes an empty prefix for none.
  if (params.prefix && !params.prefix->empty()) options.prefix = *params.prefix;
  return options;
}

void describe(Schema<VocMetricParams>& schema) {
  schema.summary("Mean average precision of boxes, as Pascal VOC measures it.")
      .optional("iou_thrs", &VocMetricParams::iou_thrs, "IoU from which a box is right; or a list")
      .optional("metric", &VocMetricParams::metric, "'mAP'")
      .optional("eval_mode", &VocMetricParams::eval_mode,
                "'11points' as VOC 2007, or 'area' as VOC 2012")
      .optional("prefix", &VocMetricParams::prefix, "of the names in the log; None: pascal_voc")
      .accepted("collect_device", "there is one process")
      .accepted("proposal_nums", "only recall uses it")
      .refused("scale_ranges", "boxes of all sizes are evaluated together")
      .check(check_voc_metric);
}

VocMetricOptions metric_options(const VocMetricParams& params) {
  VocMetricOptions options{.mode =
                               params.eval_mode == "area" ? VocMode::area : VocMode::eleven_points};
  if (const auto* one = std::get_if<double>(&params.iou_thrs))
    options.iou_thresholds = {*one};
  else
    options.iou_thresholds = std::get<std::vector<double>>(params.iou_thrs);
  if (params.prefix && !params.prefix->empty()) options.prefix = *params.prefix;
  return options;
}

}  // namespace pinfeed
