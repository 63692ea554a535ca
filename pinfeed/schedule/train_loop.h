// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "pinfeed/config/schema.h"
#include "pinfeed/schedule/train_length.h"

namespace pinfeed {

/// From this epoch or iteration on, validate at this interval.
using Milestone = std::pair<std::int64_t, std::int64_t>;

/// The training loop of a config: its length, and when it validates
/// (docs/specs/openmmlab-runtime.md, 6).
struct TrainLoop {
  bool by_epoch = true;
  std::int64_t max_epochs = 0;  // of an epoch loop
  std::int64_t max_iters = 0;   // of an iteration loop
  std::int64_t val_begin = 1;   // first epoch or iteration to validate after, from 1
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

/// The name of the loop that a train_cfg chooses by its type or by by_epoch. Throws Error(config)
/// when it has neither, both, or a type that is no loop.
std::string_view train_loop_name(const Value& train_cfg);

/// Reads config.train_cfg, every key of it. `pinfeed lr`, `pinfeed config --check` and the
/// trainer use it; the loader reads only max_epochs (pipeline_switches.cpp). Throws Error(config).
TrainLoop read_train_loop(const Value& config);

/// The length of this loop; `epoch_length` is the number of batches of the train loader, empty
/// where it is not known.
TrainLength train_length(const TrainLoop& loop, std::optional<std::int64_t> epoch_length);
/// The same of config.train_cfg. Throws Error(config).
TrainLength train_length(const Value& config, std::optional<std::int64_t> epoch_length);

}  // namespace pinfeed
