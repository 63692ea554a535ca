// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pinfeed {

/// What a run has completed.
struct Progress {
  std::int64_t epoch = 0;
  std::int64_t iteration = 0;  // of the whole run
  std::int64_t batch = 0;      // of the current epoch
};

}  // namespace pinfeed
