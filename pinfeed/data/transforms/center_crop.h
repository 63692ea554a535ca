// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Keeps the middle of the image.
struct CenterCrop {
  static constexpr auto name = "CenterCrop";

  std::variant<int, Size> crop_size = 0;
  bool clip_object_border = true;
};
void describe(Schema<CenterCrop>& schema);
FieldUse fields(const CenterCrop& params);
bool apply(const CenterCrop& params, Sample& sample, RandomContext& random);
Bound bound(const CenterCrop& params, const Bound& images);

}  // namespace pinfeed
