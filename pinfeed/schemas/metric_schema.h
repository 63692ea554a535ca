// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pinfeed/config/schema.h"
#include "pinfeed/metrics/coco_metric.h"
#include "pinfeed/metrics/lvis_metric.h"
#include "pinfeed/metrics/voc_metric.h"
#include "pinfeed/schemas/hook_schemas.h"
#include "pinfeed/schemas/layer_schemas.h"
#include "pinfeed/schemas/text_list.h"

namespace pinfeed {

/// The keys of the CocoMetric of a val_evaluator.
struct CocoMetricParams {
  static constexpr auto name = "CocoMetric";
  std::optional<WrittenPath> ann_file = {};  // None: the ground truth of the data set
  TextOrTexts metric = "bbox";
  std::optional<std::vector<std::string>> metric_items = {};
  bool classwise = false;
  std::array<int, 3> proposal_nums = {100, 300, 1000};
  std::optional<WrittenPath> outfile_prefix = {};
  std::optional<std::string> prefix = {};
};
void describe(Schema<CocoMetricParams>& schema);
CocoMetricOptions metric_options(const CocoMetricParams& params);

/// The keys of a VOCMetric.
struct VocMetricParams {
  static constexpr auto name = "VOCMetric";
  std::variant<double, std::vector<double>> iou_thrs = 0.5;
  TextOrTexts metric = "mAP";
  std::string eval_mode = "11points";
  std::optional<std::string> prefix = {};
};
void describe(Schema<VocMetricParams>& schema);
VocMetricOptions metric_options(const VocMetricParams& params);

/// The keys of a LVISMetric.
struct LvisMetricParams {
  static constexpr auto name = "LVISMetric";
  std::optional<WrittenPath> ann_file = {};  // None: the file of the data set
  TextOrTexts metric = "bbox";
  std::optional<std::vector<std::string>> metric_items = {};
  bool classwise = false;
  std::optional<WrittenPath> outfile_prefix = {};
  std::optional<std::string> prefix = {};
};
void describe(Schema<LvisMetricParams>& schema);
LvisMetricOptions metric_options(const LvisMetricParams& params);

/// The metrics that an evaluation gives.
struct MetricNames {
  std::vector<std::string> names = {};
  /// Prefixes of evaluators with `classwise` while the classes are not known: any name
  /// "<prefix>/<class>_precision" may be a metric.
  std::vector<std::string> any_class_of = {};

  bool have(const std::string& name) const;
};

/// Throws Error(config) with the position in the config when save_best of the checkpoint hook or
/// the monitor of a scheduler is no metric of the validation, and when it is unknown whether a
/// greater value of a metric is better. `hook` may be null.
void check_metric_names(const Value& config, const CheckpointHook* hook,
                        const MetricNames& metrics);

}  // namespace pinfeed
