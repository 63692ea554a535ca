// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.3.
#include "pinfeed/data/transforms/fix_scale_resize.h"

#include "pinfeed/data/transforms/resize_to.h"

namespace pinfeed {

void describe(Schema<FixScaleResize>& schema) {
  schema.summary("Resize with the computed size rounded down instead of to nearest.")
      .include<Resize>();
}

FieldUse fields(const FixScaleResize&) { return fields(Resize{}); }

bool apply(const FixScaleResize& params, Sample& sample, RandomContext&) {
  resize_as(ResizeType::FixScaleResize, params, sample);
  return true;
}

}  // namespace pinfeed
