// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace pinfeed {

/// Seconds of a monotonic clock.
inline double clock_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace pinfeed
