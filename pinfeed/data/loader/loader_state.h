// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pinfeed {

/// The position of a batch: what `--start EPOCH:BATCH` names and a checkpoint stores.
struct LoaderState {
  std::int64_t epoch = 0;
  std::int64_t batch = 0;  // within the epoch
  bool operator==(const LoaderState&) const = default;
};

}  // namespace pinfeed
