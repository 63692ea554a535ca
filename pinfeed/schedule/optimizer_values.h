// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "pinfeed/config/value/value.h"
#include "pinfeed/schedule/schedule.h"

namespace pinfeed {

/// What an optimizer of torch.optim or mmpretrain sets where the config gives no value.
struct OptimizerDefaults {
  std::string_view name = {};
  double lr = 1e-3;
  std::optional<double> momentum = {};  // or betas[0]; empty: the optimizer has none
  double weight_decay = 0.0;
};

/// The defaults of torch 2 and mmpretrain 1. LARS has no default lr, so it is absent. This table is
/// their only copy.
inline constexpr std::array<OptimizerDefaults, 11> optimizer_defaults = {{
    {"SGD", 1e-3, 0.0, 0.0},
    {"Adam", 1e-3, 0.9, 0.0},
    {"AdamW", 1e-3, 0.9, 1e-2},
    {"NAdam", 2e-3, 0.9, 0.0},
    {"RAdam", 1e-3, 0.9, 0.0},
    {"Adamax", 2e-3, 0.9, 0.0},
    {"RMSprop", 1e-2, 0.0, 0.0},
    {"Adagrad", 1e-2, std::nullopt, 0.0},
    {"Adadelta", 1.0, std::nullopt, 0.0},
    {"ASGD", 1e-2, std::nullopt, 0.0},
    {"Lamb", 1e-3, 0.9, 1e-2},
}};

/// The defaults of the optimizer with this name; null for one that the table does not have.
constexpr const OptimizerDefaults* defaults_of(std::string_view name) {
  for (const OptimizerDefaults& defaults : optimizer_defaults) {
    if (defaults.name == name) return &defaults;
  }
  return nullptr;
}

/// lr, momentum and weight decay of optim_wrapper.optimizer, as written or as torch.optim sets
/// them, for optimizers that pinfeed does not train with too. Not scaled: upstream's pseudo base
/// group has these values (docs/specs/openmmlab-runtime.md, 2.4). This is the only reader of the
/// three: `pinfeed lr` and the trainer call it. Throws Error(config).
GroupValues optimizer_values(const Value& config);
/// The same of one wrapper at `path` in the config.
GroupValues wrapper_values(const Value& wrapper, const std::string& path);
/// Whether the optimizer has an option with the name momentum, as SGD and RMSprop do, not betas.
bool has_momentum(const Value& config);

/// The factor by which auto_scale_lr multiplies the lr of each real group before a schedule is
/// built; 1 unless it is enabled (docs/specs/openmmlab-runtime.md, 2.5). Throws Error(config).
double lr_scale(const Value& config, int world_size);

}  // namespace pinfeed
