// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/config/read.h"

namespace pinfeed {

/// Where the value of a key comes from, and what it overrode, as lines for people: `key` is a path
/// such as "train_dataloader.dataset.pipeline[2].scale" (".2." is the same). Throws Error(config)
/// when the config cannot be read or has no such key.
std::string explain(const std::string& config, const ReadOptions& options, const std::string& key);

}  // namespace pinfeed
