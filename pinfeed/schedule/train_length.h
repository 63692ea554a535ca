// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace pinfeed {

/// The length of a run, as schedulers need it: for the default of `end`, and to convert epochs to
/// iterations.
struct TrainLength {
  bool by_epoch = true;  // an epoch loop; an iteration loop counts as one epoch
  std::int64_t max_epochs = 1;
  std::optional<std::int64_t> max_iters = {};     // of an iteration loop
  std::optional<std::int64_t> epoch_length = {};  // batches of the train loader
};

/// Iterations of the whole run. Throws Error(config) when this needs epoch_length and it is empty.
std::int64_t iterations_of(const TrainLength& length);

/// Batches of an epoch, at least 1. Throws Error(config) when epoch_length is empty or not
/// positive.
std::int64_t known_epoch_length(const TrainLength& length);

}  // namespace pinfeed
