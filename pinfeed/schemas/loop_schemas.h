// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "pinfeed/config/schema.h"

namespace pinfeed {

/// From that epoch or iteration on, validate at this interval.
using Milestone = std::pair<std::int64_t, std::int64_t>;

/// How long training goes on, and when it validates (docs/specs/openmmlab-runtime.md, 6).
struct TrainLoop {
  bool by_epoch = true;
  std::int64_t max_epochs = 0;  // of an epoch loop
  std::int64_t max_iters = 0;   // of an iteration loop
  std::int64_t val_begin = 1;   // first epoch or iteration, from 1
  std::int64_t val_interval = 1;
  std::vector<Milestone> dynamic_intervals = {};

  /// Whether validation follows the epoch or iteration `done` (from 1) out of `all`.
  bool validates_after(std::int64_t done, std::int64_t all) const;
};

struct EpochBasedTrainLoop {
  static constexpr auto name = "EpochBasedTrainLoop";
  std::int64_t max_epochs = 0;
  std::int64_t val_begin = 1;
  std::int64_t val_interval = 1;
  std::optional<std::vector<std::array<std::int64_t, 2>>> dynamic_intervals = {};
};
void describe(Schema<EpochBasedTrainLoop>& schema);

struct IterBasedTrainLoop {
  static constexpr auto name = "IterBasedTrainLoop";
  std::int64_t max_iters = 0;
  std::int64_t val_begin = 1;
  std::int64_t val_interval = 1000;
  std::optional<std::vector<std::array<std::int64_t, 2>>> dynamic_intervals = {};
};
void describe(Schema<IterBasedTrainLoop>& schema);

/// The val_cfg of a config: validation has nothing to choose.
struct ValLoop {
  static constexpr auto name = "ValLoop";
};
void describe(Schema<ValLoop>& schema);

/// The loop of config.train_cfg. Throws Error(config).
TrainLoop read_train_loop(const Value& config);
/// Whether the config can validate: val_dataloader, val_cfg and val_evaluator are all there. Throws
/// Error(config) when only some are, and for a val_cfg that asks for what cannot be done.
bool has_validation(const Value& config);

}  // namespace pinfeed
