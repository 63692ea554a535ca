// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/evaluation_text.h"

#include <fmt/format.h>

#include "pinfeed/core/json_text.h"

namespace pinfeed::cli {

std::string json_of(const CocoEvaluation& evaluation) {
  std::string stats;
  for (const double value : evaluation.stats) {
    stats += (stats.empty() ? "" : ", ") + json_number(value);
  }
  std::string classes;
  for (std::size_t i = 0; i < evaluation.categories.size(); ++i) {
    classes += (classes.empty() ? "" : ", ") + json_string(evaluation.categories[i].name) + ": " +
               json_number(evaluation.category_ap[i]);
  }
  return fmt::format(R"({{"iou_type": "{}", "stats": [{}], "per_class": {{{}}}}})",
                     name_of(evaluation.iou_type), stats, classes);
}

std::string json_of(const MetricValues& metrics) {
  std::string values;
  for (const auto& [name, value] : metrics) {
    values += (values.empty() ? "" : ", ") + json_string(name) + ": " + strict_json_number(value);
  }
  return fmt::format(R"({{"metrics": {{{}}}}})", values);
}

}  // namespace pinfeed::cli
