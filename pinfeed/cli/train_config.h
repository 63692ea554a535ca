// SPDX-License-Identifier: Apache-2.0
// Changes of a config that options of `pinfeed train` ask for, as mmdet's tools/train.py makes
// them.
#pragma once

#include "pinfeed/config/value/value.h"

namespace pinfeed::cli {

/// --amp: optim_wrapper becomes an AmpOptimWrapper, with a dynamic loss_scale unless it has one.
/// Throws Error(config) for another type than OptimWrapper.
void use_amp(Value& config);

/// --auto-scale-lr: sets auto_scale_lr.enable. Throws Error(config) for a config without
/// auto_scale_lr.base_batch_size.
void use_auto_scale_lr(Value& config);

}  // namespace pinfeed::cli
