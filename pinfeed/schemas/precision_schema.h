// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pinfeed/config/schema.h"

namespace pinfeed {

/// The factor of the loss that keeps float16 gradients in range, with the defaults of torch's
/// GradScaler. It changes by itself unless `dynamic` is false.
struct LossScale {
  static constexpr auto name = "loss_scale";
  double init_scale = 65536.0;
  double growth_factor = 2.0;
  double backoff_factor = 0.5;
  std::int64_t growth_interval = 2000;  // steps
  bool enabled = true;
  bool dynamic = true;  // False for a loss_scale that is a number
};
void describe(Schema<LossScale>& schema);

/// What AmpOptimWrapper asks for. Without it training computes in float32.
struct MixedPrecisionPlan {
  LossScale scale = {};
  std::optional<std::string> dtype = {};  // 'float16' or 'bfloat16'; empty: the device's own
};

/// The keys that AmpOptimWrapper adds to those of OptimWrapper.
struct AmpKeys {
  Value loss_scale = "dynamic";
  std::optional<std::string> dtype = {};
};
void describe(Schema<AmpKeys>& schema);

/// Throws Error(config) for a loss_scale that is neither 'dynamic', a number nor a dict. `path` is
/// the path of the wrapper in the config.
MixedPrecisionPlan make(const AmpKeys& params, const std::string& path);

}  // namespace pinfeed
