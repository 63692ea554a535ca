// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/train/entry_points.h"
#include "pinfeed/train/loop/train_parts.h"

namespace pinfeed {

/// Loads batches and trains a few iterations, for about `seconds` and at least two iterations.
/// Fills in the times, the number of parameters and the size of a checkpoint.
void measure_trial(TrainParts& parts, double seconds, TrialReport& report);

}  // namespace pinfeed
