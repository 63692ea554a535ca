// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Crops the image to a window in its middle. A side that is smaller than the window is kept whole.
struct CenterCrop {
  static constexpr auto name = "CenterCrop";

  std::variant<int, Size> crop_size = 0;  // pixels
  bool clip_object_border = true;
};
void describe(Schema<CenterCrop>& schema);
FieldUse fields(const CenterCrop& params);
bool apply(const CenterCrop& params, Sample& sample, RandomContext& random);
Bound bound(const CenterCrop& params, const Bound& images);

}  // namespace pinfeed
