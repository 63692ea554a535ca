// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.10.
#include <algorithm>

#include "pinfeed/schemas/metric_schema.h"

namespace pinfeed {
namespace {

void check_lvis_metric(const LvisMetricParams& params) {
  if (texts_of(params.metric).empty())
    throw Error(ErrorKind::config, "metric is an empty list; name 'bbox', 'segm' or both");
  for (const std::string& metric : texts_of(params.metric)) {
    if (metric == "bbox" || metric == "segm") continue;
    throw Error(ErrorKind::config,
                "metric '" + metric + "' is not known; LVISMetric has 'bbox' and 'segm'");
  }
  const std::vector<std::string> known = lvis_item_names();
  for (const std::string& item : params.metric_items.value_or(std::vector<std::string>{})) {
    if (std::find(known.begin(), known.end(), item) != known.end()) continue;
    throw Error(ErrorKind::config, "metric_items has '" + item + "', which is not known")
        .help("the items are " + joined(known));
  }
}

}  // namespace

void describe(Schema<LvisMetricParams>& schema) {
  schema
      .summary("Mean average precision of boxes and masks over the federated annotations of LVIS.")
      .optional("ann_file", &LvisMetricParams::ann_file,
                "ground truth, an LVIS file; None: the file of the data set")
      .optional("metric", &LvisMetricParams::metric, "'bbox' or 'segm', or a list of both")
      .optional("metric_items", &LvisMetricParams::metric_items,
                "statistics to log, such as 'APr' or 'AR@300'; None: the nine of AP")
      .optional("classwise", &LvisMetricParams::classwise,
                "also log the precision of each class; with boxes and masks, that of masks")
      .optional("outfile_prefix", &LvisMetricParams::outfile_prefix,
                "detections are written to <prefix>.bbox.json, masks to <prefix>.segm.json")
      .optional("prefix", &LvisMetricParams::prefix, "of the names in the log; None: lvis")
      .accepted("collect_device", "there is one process")
      .accepted("backend_args", "files are local")
      .accepted("proposal_nums", "only proposals use it")
      .refused("format_only", "use `pinfeed eval CONFIG CHECKPOINT --out results.json`")
      .refused("iou_thrs", "the IoU thresholds are those of LVIS")
      .check(check_lvis_metric);
}

LvisMetricOptions metric_options(const LvisMetricParams& params) {
  LvisMetricOptions options{.types = {},
                            .items = params.metric_items.value_or(std::vector<std::string>{}),
                            .classwise = params.classwise};
  for (const std::string& metric : texts_of(params.metric)) {
    options.types.push_back(metric == "segm" ? IouType::segm : IouType::bbox);
  }
  if (params.prefix && !params.prefix->empty()) options.prefix = *params.prefix;
  return options;
}

}  // namespace pinfeed
