// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// Applies `pinfeed = dict(follow=['data_root'])`: where `--cfg-options` replaced the str of one of
/// these top-level names, each str of the config that starts with the old value starts with the new
/// one afterwards. OpenMMLab replaces only the variable, which is not used after the config is
/// read. `before` is the config without the options.
void propagate_overrides(Value& root, const Value& before);

/// The names under `pinfeed.follow`. Throws Error(config).
std::vector<std::string> propagated_names(const Value& root);

/// Whether the config lists names under `pinfeed.follow`.
bool has_propagated_names(const Value& root);

}  // namespace pinfeed
