// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "pinfeed/models/model.h"
#include "pinfeed/schemas/optim_wrapper_schema.h"

namespace pinfeed {

/// Parameters with the same options.
struct ParamGroup {
  std::vector<std::string> names = {};
  std::vector<torch::Tensor> params = {};
  GroupOptions options = {};
};

/// The groups of the plan, in upstream's order (docs/specs/openmmlab-runtime.md, 2.3): without
/// rules one group of all parameters; with paramwise or mmpretrain's rules a group per parameter, a
/// module's own parameters before those of its children; with mmdet's layer decay a group per layer
/// and kind of decay. Frozen parameters are skipped. Throws Error(config) when a parameter would be
/// in two groups.
std::vector<ParamGroup> param_groups(const OptimizerPlan& plan, const Model& model);

/// What in the plan changes nothing for this model: entries of custom_keys that match no parameter.
std::vector<std::string> warnings_of_groups(const OptimizerPlan& plan, const Model& model);

}  // namespace pinfeed
