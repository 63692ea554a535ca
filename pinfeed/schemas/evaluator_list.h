// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pinfeed/schemas/metric_schema.h"

namespace pinfeed {

/// One evaluator of a val_evaluator.
using EvaluatorParams = std::variant<CocoMetricParams, VocMetricParams, LvisMetricParams>;

/// Reads config[section]: a metric or a list of metrics. Throws Error(config), also when two of
/// them log the same name.
std::vector<EvaluatorParams> read_evaluators(const Value& config, const std::string& section);

/// Throws Error(config) with the position in config[section] when a metric compares masks and the
/// model of the config has no mask_head.
void check_mask_head(const Value& config, const std::vector<EvaluatorParams>& evaluators,
                     const std::string& section);

/// The metrics of all evaluators. The precision of each class is among them with classwise;
/// `classes` are the names, or nothing while they are not known.
MetricNames metric_names(const std::vector<EvaluatorParams>& evaluators,
                         const std::optional<std::vector<std::string>>& classes = {});

}  // namespace pinfeed
