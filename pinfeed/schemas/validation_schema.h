// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/config/schema.h"

namespace pinfeed {

/// The val_cfg of a config. It has no options.
struct ValLoop {
  static constexpr auto name = "ValLoop";
};
void describe(Schema<ValLoop>& schema);

/// Whether the config validates: it has val_dataloader, val_cfg and val_evaluator. Throws
/// Error(config) when it has only some of them, and for a val_cfg with an unsupported key.
bool has_validation(const Value& config);

}  // namespace pinfeed
