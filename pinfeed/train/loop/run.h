// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/train/entry_points.h"

namespace pinfeed {

/// `pinfeed train`: builds everything that the config asks for, trains, and leaves logs,
/// checkpoints, curves and images in the work dir.
void run_training(const TrainArguments& arguments);

/// `pinfeed eval`: measures a checkpoint on the config's validation set.
EvalReport run_evaluation(const EvalArguments& arguments);

/// `pinfeed lr --groups`: builds the model and puts its parameters into groups.
ModelGroups model_groups(const Value& config);

}  // namespace pinfeed
