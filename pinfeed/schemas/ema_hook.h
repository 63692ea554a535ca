// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pinfeed/config/schema.h"
#include "pinfeed/schemas/config_error.h"
#include "pinfeed/schemas/hook_schemas.h"

namespace pinfeed {

/// Averages the weights over the iterations. Validation and the checkpoints' weights use the
/// average (docs/specs/openmmlab-runtime.md, 6, EMA).
struct EMAHook {
  static constexpr auto name = "EMAHook";
  static constexpr int default_priority = 50;

  HookPriority priority = {};
  std::string ema_type = "ExponentialMovingAverage";
  std::optional<double> momentum = {};  // the part of the new weights
  std::optional<double> gamma = {};
  std::int64_t interval = 1;
  std::int64_t begin_iter = 0;
  std::int64_t begin_epoch = 0;
  bool update_buffers = false;

  /// momentum, or its default.
  double part_of_new() const { return momentum.value_or(2e-4); }
  /// gamma, or the default of the type: 100, of ExpMomentumEMA 2000.
  double annealing() const { return gamma.value_or(ema_type == "ExpMomentumEMA" ? 2000 : 100); }
};

inline void describe(Schema<EMAHook>& schema) {
  schema
      .summary(
          "Averages the weights over the iterations; validation and the weights of checkpoints are "
          "the average.")
      .optional("ema_type", &EMAHook::ema_type,
                "ExponentialMovingAverage, MomentumAnnealingEMA, StochasticWeightAverage or "
                "ExpMomentumEMA")
      .optional("momentum", &EMAHook::momentum,
                "the part of the new weights in the average; if absent: 0.0002", between(0.0, 1.0))
      .optional("gamma", &EMAHook::gamma,
                "iterations of the annealing; if absent: 100, for ExpMomentumEMA 2000",
                at_least(1e-9))
      .optional("interval", &EMAHook::interval, "iterations between updates", at_least(1))
      .optional("begin_iter", &EMAHook::begin_iter, "first iteration that is averaged", at_least(0))
      .optional("begin_epoch", &EMAHook::begin_epoch, "first epoch that is averaged", at_least(0))
      .optional("update_buffers", &EMAHook::update_buffers,
                "also average buffers such as the statistics of batch norm")
      .accepted("strict_load", "a resumed average must fit the model")
      .accepted("device", "the average is on the device of the model")
      .optional("priority", &EMAHook::priority, priority_meaning)
      .check([](const EMAHook& params) {
        const bool annealed =
            params.ema_type == "MomentumAnnealingEMA" || params.ema_type == "ExpMomentumEMA";
        if (!annealed && params.ema_type != "ExponentialMovingAverage" &&
            params.ema_type != "StochasticWeightAverage") {
          throw Error(ErrorKind::config, "there is no ema_type '" + params.ema_type + "'")
              .help(
                  "it is ExponentialMovingAverage, MomentumAnnealingEMA, StochasticWeightAverage "
                  "or ExpMomentumEMA");
        }
        if (params.gamma && !annealed) throw_config_error(params.ema_type + " has no gamma");
        if (params.momentum && params.ema_type == "StochasticWeightAverage")
          throw_config_error("StochasticWeightAverage has no momentum: it is a plain mean");
        if (params.part_of_new() <= 0.0 || params.part_of_new() >= 1.0)
          throw_config_error("momentum must be between 0 and 1, without both");
        if (params.begin_iter != 0 && params.begin_epoch != 0)
          throw_config_error("begin_iter and begin_epoch are both set; set one of them");
      });
}
std::unique_ptr<Hook> make_hook(const EMAHook& params);

}  // namespace pinfeed
