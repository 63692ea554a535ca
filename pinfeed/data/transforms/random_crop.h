// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/option_names.h"

namespace pinfeed {

/// Crops to a window at a random position; boxes outside it are removed.
struct RandomCrop {
  static constexpr auto name = "RandomCrop";

  std::array<double, 2> crop_size = {};  // see crop_type
  CropType crop_type = CropType::absolute;
  bool allow_negative_crop = false;  // keep samples that lose all their boxes
  bool recompute_bbox = false;       // from the cropped masks, if there are masks
  bool bbox_clip_border = true;
};
void describe(Schema<RandomCrop>& schema);
FieldUse fields(const RandomCrop& params);
bool apply(const RandomCrop& params, Sample& sample, RandomContext& random);
Bound bound(const RandomCrop& params, const Bound& images);

}  // namespace pinfeed
