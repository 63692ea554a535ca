// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pinfeed/config/schema.h"

namespace pinfeed {

/// The keys of the CocoMetric of a val_evaluator.
struct CocoMetricParams {
  static constexpr auto name = "CocoMetric";
  std::optional<std::string> ann_file = {};  // None: the ann_file of the data set
  std::variant<std::string, std::vector<std::string>> metric = "bbox";
  bool classwise = false;
  std::array<int, 3> proposal_nums = {100, 300, 1000};
  std::optional<std::string> outfile_prefix = {};
};
void describe(Schema<CocoMetricParams>& schema);

/// Reads config[section], which must be one CocoMetric. Throws Error(config).
CocoMetricParams read_evaluator(const Value& config, const std::string& section);

}  // namespace pinfeed
