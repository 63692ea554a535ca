// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "pinfeed/config/value/value.h"
#include "pinfeed/data/training_parts.h"
#include "pinfeed/models/model.h"

namespace pinfeed {

/// Builds the model of a config's `model` dictionary, without its data_preprocessor, which the
/// trainer builds. Initial weights come from torch's generator; those that init_cfg names are
/// loaded after that. Throws Error(config) with the position in the config, Error(data) for a
/// checkpoint that does not fit. `added` are further models that the config may name.
std::shared_ptr<Model> make_model(const Value& model, const std::string& path,
                                  const ModelCatalog& added = {});

}  // namespace pinfeed
