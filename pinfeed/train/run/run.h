// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/train/entry_points.h"

namespace pinfeed {

/// `pinfeed train`: builds what the config describes, trains, and writes logs, checkpoints, curves
/// and images to the work dir.
void run_training(const TrainArguments& arguments);

/// `pinfeed eval` and `pinfeed test`: evaluates a checkpoint on a set of the config.
EvalReport run_evaluation(const EvalArguments& arguments);

/// `pinfeed doctor`: trains a few iterations without writing anything, for about `seconds`.
TrialReport try_training(const TrainArguments& arguments, double seconds);

/// `pinfeed lr --groups`: builds the model and groups its parameters.
ModelGroups model_groups(const Value& config, const ModelCatalog& added);

}  // namespace pinfeed
