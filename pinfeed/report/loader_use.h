// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "pinfeed/data/loader/stage_clocks.h"

namespace pinfeed {

/// What a loader and its consumer did during some time.
struct LoaderUse {
  double seconds = 0.0;
  double waited = 0.0;  // of these, the consumer waited for a batch
  int threads = 1;
  int io_threads = 1;
  std::map<std::string, StageTimes> stages = {};  // all of Loader::stages()

  /// The part of the time that the threads of a stage were busy, 0 to 1.
  double busy(const std::string& stage, int stage_threads) const;
};

/// One sentence: what limits the throughput. `consumer` is how it calls the caller of the loader:
/// "the consumer".
std::string verdict(const LoaderUse& use, const std::string& consumer);

}  // namespace pinfeed
