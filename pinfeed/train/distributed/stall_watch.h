// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

#include "pinfeed/core/clock.h"

namespace pinfeed {

/// Whether this process did not run for a while, as under SIGSTOP: then the others have gone on
/// without it. A thread calls note() regularly; any thread asks.
class StallWatch {
 public:
  void note() {
    const double pause = seconds_since_note();
    if (pause > longest_) longest_ = pause;
    last_ = clock_seconds();
  }
  /// The longest time between two notes, or since the last one, in seconds.
  double longest() const {
    const double pause = seconds_since_note();
    return pause > longest_ ? pause : longest_.load();
  }

 private:
  double seconds_since_note() const { return clock_seconds() - last_; }

  std::atomic<double> last_ = clock_seconds();
  std::atomic<double> longest_ = 0.0;
};

}  // namespace pinfeed
