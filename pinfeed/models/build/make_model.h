// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "pinfeed/config/value/value.h"
#include "pinfeed/models/model.h"

namespace pinfeed {

/// Builds the model of a config's `model` dictionary (a data_preprocessor in it is the trainer's).
/// Weights come from torch's generator; those that init_cfg asks for (checkpoint=...) are loaded.
/// Throws Error(config) with place and path, Error(data) for a checkpoint that does not serve.
std::shared_ptr<Model> make_model(const Value& model, const std::string& path);

}  // namespace pinfeed
