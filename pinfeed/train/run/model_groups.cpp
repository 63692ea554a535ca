// SPDX-License-Identifier: Apache-2.0
#include <torch/torch.h>

#include "pinfeed/schemas/optim_wrapper_schema.h"
#include "pinfeed/train/optim/param_groups.h"
#include "pinfeed/train/run/built_model.h"
#include "pinfeed/train/run/run.h"

namespace pinfeed {
namespace {

// Removes init_cfg everywhere: initial weights do not affect the groups.
void remove_init(Value& value) {
  if (value.is_sequence()) {
    for (Value& item : value.items()) remove_init(item);
  }
  if (!value.is_dict()) return;
  value.dict().erase("init_cfg");
  for (Dict::Entry& entry : value.dict().entries()) remove_init(entry.value);
}

}  // namespace

ModelGroups model_groups(const Value& config, const ModelCatalog& added) {
  Value without_init = config;
  remove_init(without_init);
  const std::shared_ptr<Model> model = built_model(without_init, added, torch::kCPU);
  const OptimizerPlan plan = read_optim_wrapper(config);
  const Optimizer optimizer = built_optimizer(config, plan, *model, 1);
  ModelGroups groups{.values = optimizer.values(), .warnings = warnings_of_groups(plan, *model)};
  for (const ParamGroup& group : optimizer.groups()) groups.names.push_back(group.names);
  return groups;
}

}  // namespace pinfeed
