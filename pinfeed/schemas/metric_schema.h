// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pinfeed/config/schema.h"
#include "pinfeed/schemas/hook_schemas.h"
#include "pinfeed/schemas/layer_schemas.h"

namespace pinfeed {

/// The keys of the CocoMetric of a val_evaluator.
struct CocoMetricParams {
  static constexpr auto name = "CocoMetric";
  std::optional<WrittenPath> ann_file = {};  // None: the ground truth of the data set
  std::variant<std::string, std::vector<std::string>> metric = "bbox";
  bool classwise = false;
  std::array<int, 3> proposal_nums = {100, 300, 1000};
  std::optional<WrittenPath> outfile_prefix = {};
};
void describe(Schema<CocoMetricParams>& schema);

/// Reads config[section], which must be one CocoMetric. Throws Error(config).
CocoMetricParams read_evaluator(const Value& config, const std::string& section);

/// The metrics that an evaluation gives. The precision of each class is among them with classwise;
/// `classes` are the names, or nothing while they are not known.
struct MetricNames {
  std::vector<std::string> names = {};
  bool any_class = false;  // any name "coco/<class>_precision" may be a metric

  bool have(const std::string& name) const;
};
MetricNames metric_names(const CocoMetricParams& params,
                         const std::optional<std::vector<std::string>>& classes = {});

/// Throws Error(config) with the position in the config when save_best of the checkpoint hook or
/// the monitor of a scheduler is no metric of the validation, and when it is unknown whether a
/// greater value of a metric is better. `hook` may be null.
void check_metric_names(const Value& config, const CheckpointHook* hook,
                        const MetricNames& metrics);

}  // namespace pinfeed
