// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/config/schema.h"

namespace pinfeed {

/// The val_cfg of a config. It has no options.
struct ValLoop {
  static constexpr auto name = "ValLoop";
};
void describe(Schema<ValLoop>& schema);

/// Throws Error(config) with the position of meta_keys when a step that packs the samples of the
/// loader `section` leaves out one of the keys that an evaluation needs: img_id, img_shape and
/// scale_factor.
void check_packed_keys(const Value& config, const std::string& section);

/// Whether the config validates: it has val_dataloader, val_cfg and val_evaluator. With the split
/// "test" the same of test_dataloader, test_cfg and test_evaluator. Throws Error(config) when it
/// has only some of them, and for a val_cfg or test_cfg with an unsupported key.
bool has_evaluation(const Value& config, const std::string& split = "val");

}  // namespace pinfeed
