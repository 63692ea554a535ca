// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Combines four images around a random centre. Only inside MultiImageMixDataset.
struct Mosaic {
  static constexpr auto name = "Mosaic";

  Size img_scale = {640, 640};                            // size of a quarter, pixels
  std::array<double, 2> center_ratio_range = {0.5, 1.5};  // of img_scale
  bool bbox_clip_border = true;
  double pad_val = 114.0;
  double prob = 1.0;
};
void describe(Schema<Mosaic>& schema);
FieldUse fields(const Mosaic& params);
bool apply(const Mosaic& params, Sample& sample, RandomContext& random);
Bound bound(const Mosaic& params, const Bound& images);

/// Combines the sample and three others around a centre that is sampled here: first x, then y.
/// Throws Error(data) when no image covers a pixel of the result.
void make_mosaic(const Mosaic& params, Sample& sample, const std::array<Sample, 3>& others,
                 RandomContext& random);

}  // namespace pinfeed
