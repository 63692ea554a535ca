// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pinfeed/config/schema.h"
#include "pinfeed/schemas/hook_schemas.h"

namespace pinfeed {

/// Ends the training when a metric stops improving (docs/specs/openmmlab-runtime.md, 6, early
/// stopping).
struct EarlyStoppingHook {
  static constexpr auto name = "EarlyStoppingHook";
  static constexpr int default_priority = 100;

  HookPriority priority = {};
  std::string monitor = {};
  std::optional<std::string> rule = {};
  double min_delta = 0.1;
  bool strict = false;
  bool check_finite = true;
  std::int64_t patience = 5;  // validations
  std::optional<double> stopping_threshold = {};

  /// Whether a greater value of the metric is better. Throws Error(config) when neither the rule
  /// nor the name of the metric says so.
  bool greater_is_better() const { return pinfeed::greater_is_better(monitor, rule); }
};

inline void describe(Schema<EarlyStoppingHook>& schema) {
  schema.summary("Ends the training when a metric stops improving.")
      .required("monitor", &EarlyStoppingHook::monitor, "name of the metric: 'coco/bbox_mAP'")
      .optional("rule", &EarlyStoppingHook::rule,
                "'greater' or 'less'; if absent, the name of the metric decides")
      .optional("min_delta", &EarlyStoppingHook::min_delta,
                "smallest change that counts as an improvement")
      .optional("strict", &EarlyStoppingHook::strict,
                "a validation without the metric is an error, not a warning")
      .optional("check_finite", &EarlyStoppingHook::check_finite,
                "stop when the metric is inf or nan")
      .optional("patience", &EarlyStoppingHook::patience,
                "validations without an improvement before the training ends", at_least(1))
      .optional("stopping_threshold", &EarlyStoppingHook::stopping_threshold,
                "stop at once when the metric is better than this")
      .optional("priority", &EarlyStoppingHook::priority, priority_meaning)
      .check([](const EarlyStoppingHook& params) { (void)params.greater_is_better(); });
}
std::unique_ptr<Hook> make_hook(const EarlyStoppingHook& params);

}  // namespace pinfeed
