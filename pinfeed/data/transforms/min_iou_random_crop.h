// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Crops to a random window whose IoU with every box is at least a random minimum. Boxes whose
/// centre lies outside are removed.
struct MinIoURandomCrop {
  static constexpr auto name = "MinIoURandomCrop";

  std::vector<double> min_ious = {0.1, 0.3, 0.5, 0.7, 0.9};
  double min_crop_size = 0.3;  // fraction of each side
  bool bbox_clip_border = true;
};
void describe(Schema<MinIoURandomCrop>& schema);
FieldUse fields(const MinIoURandomCrop& params);
bool apply(const MinIoURandomCrop& params, Sample& sample, RandomContext& random);
Bound bound(const MinIoURandomCrop& params, const Bound& images);

}  // namespace pinfeed
