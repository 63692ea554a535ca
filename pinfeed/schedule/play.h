// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "pinfeed/core/plot.h"
#include "pinfeed/schedule/read.h"

namespace pinfeed {

/// Steps through a run as the training loop does. `visit` is called for each iteration, while the
/// schedule holds the values it trains with. An iteration loop is one epoch, number 0.
void play(Schedule& schedule, const TrainLength& length,
          const std::function<void(std::int64_t iteration, std::int64_t epoch)>& visit);

/// Curves of what the schedule moves in its first group, lr always: a chart each over all
/// iterations, with the windows of the stages as bands. The schedule is played on a copy.
std::vector<Plot> schedule_plots(Schedule schedule, const TrainLength& length);

}  // namespace pinfeed
