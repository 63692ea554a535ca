// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.7.
#include "pinfeed/schemas/metric_schema.h"

#include "pinfeed/config/catalog.h"

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

}  // namespace

void describe(Schema<CocoMetricParams>& schema) {
  schema.summary("Mean average precision of boxes, as COCO measures it.")
      .optional("ann_file", &CocoMetricParams::ann_file,
                "ground truth; None: the ann_file of the data set")
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
