// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/schedule/schedule.h"
#include "pinfeed/schemas/hook_schemas.h"
#include "pinfeed/train/logging/smoothing.h"

namespace pinfeed {

/// The numbers of the last iterations, from which log lines are made.
struct MessageHub {
  explicit MessageHub(const LogProcessor& format);

  LogProcessor format;
  Smoothing times;                      // "time" and "data_time", seconds
  Smoothing scalars;                    // losses, grad_norm, and what hooks add
  std::vector<GroupValues> rates = {};  // of the groups, as the newest iteration used them
  std::int64_t first_iteration = 0;     // of this process
  double seconds = 0.0;                 // of all iterations of this process
  double waited = 0.0;                  // of these, for data
};

}  // namespace pinfeed
