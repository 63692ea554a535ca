// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "pinfeed/config/value/value.h"
#include "pinfeed/data/training_parts.h"
#include "pinfeed/models/model.h"
#include "pinfeed/schemas/optim_wrapper_schema.h"
#include "pinfeed/train/optim/optimizer.h"

namespace pinfeed {

/// The model of a config, on the device. Throws Error(config).
std::shared_ptr<Model> built_model(const Value& config, const ModelCatalog& added,
                                   torch::Device device);

/// The same with the weights of a file. `print_line`, which may be empty, gets what was loaded and
/// warnings about what was not. Throws Error(data) for a file that does not fit.
std::shared_ptr<Model> model_with_weights(
    const Value& config, const ModelCatalog& added, const std::string& checkpoint,
    torch::Device device, const std::function<void(const std::string&)>& print_line);

/// The optimizer of a config for its model, with the learning rate that auto_scale_lr gives for
/// this number of processes.
Optimizer built_optimizer(const Value& config, const OptimizerPlan& plan, const Model& model,
                          int world_size);

/// The device that a loader prepares its slots for; empty when the host preprocesses.
std::optional<int> slots_for(torch::Device device);

}  // namespace pinfeed
