// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// `pinfeed = dict(follow=['data_root'])`: where `--cfg-options` replaced one of these top-level
/// texts, every text of the config that began with the old one begins with the new one. OpenMMLab
/// replaces the variable alone, which then nobody reads. `before` is the config without the
/// options.
void propagate_overrides(Value& root, const Value& before);

/// True when the config asks for it.
bool has_followed_values(const Value& root);

}  // namespace pinfeed
