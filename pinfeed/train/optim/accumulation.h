// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pinfeed {

/// Which iterations update the parameters when several share one update
/// (docs/specs/openmmlab-runtime.md, 6, gradient accumulation). Iterations count from 0.
struct Accumulation {
  std::int64_t counts = 1;     // iterations per update
  std::int64_t max_iters = 1;  // of the whole run; the last one always updates

  /// The divisor of the loss of an iteration.
  std::int64_t divisor(std::int64_t iteration) const {
    const std::int64_t rest = max_iters % counts;
    return iteration < max_iters - rest ? counts : rest;
  }
  bool updates_after(std::int64_t iteration) const {
    return (iteration + 1) % counts == 0 || iteration + 1 == max_iters;
  }
};

}  // namespace pinfeed
