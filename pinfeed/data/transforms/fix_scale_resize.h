// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/transforms/resize.h"

namespace pinfeed {

/// Resize that cuts off the fractions of the size it computes instead of rounding them.
struct FixScaleResize : Resize {
  static constexpr auto name = "FixScaleResize";
};
void describe(Schema<FixScaleResize>& schema);
FieldUse fields(const FixScaleResize& params);
bool apply(const FixScaleResize& params, Sample& sample, RandomContext& random);

}  // namespace pinfeed
