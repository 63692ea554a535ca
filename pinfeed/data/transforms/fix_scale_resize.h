// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/transforms/resize.h"

namespace pinfeed {

/// Resize with the computed size rounded down instead of to nearest.
struct FixScaleResize : Resize {
  static constexpr auto name = "FixScaleResize";
};
void describe(Schema<FixScaleResize>& schema);
FieldUse fields(const FixScaleResize& params);
bool apply(const FixScaleResize& params, Sample& sample, RandomContext& random);

}  // namespace pinfeed
