// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/config/read.h"

namespace pinfeed {

/// A readable text of where the value of a key is set and which values it overrides. `key` is a
/// path such as "train_dataloader.dataset.pipeline[2].scale" (".2." is the same). Throws
/// Error(config) when the config cannot be read or has no such key.
std::string explain(const std::string& config, const ReadOptions& options, const std::string& key);

}  // namespace pinfeed
