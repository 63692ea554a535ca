// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// The value that MixUp writes where the other image does not reach.
struct MixUpPad {
  std::array<double, 3> channels = {114.0, 114.0, 114.0};
  bool integral = false;  // written as an int: upstream then resizes uint8 instead of float64
};

/// Averages the image and another one at another scale. Only inside MultiImageMixDataset.
struct MixUp {
  static constexpr auto name = "MixUp";

  Size img_scale = {640, 640};  // pixels
  std::array<double, 2> ratio_range = {0.5, 1.5};
  double flip_ratio = 0.5;
  MixUpPad pad_val = {};
  int max_iters = 15;  // attempts to find another image with boxes
  bool bbox_clip_border = true;
};
void describe(Schema<MixUp>& schema);
FieldUse fields(const MixUp& params);
bool apply(const MixUp& params, Sample& sample, RandomContext& random);
Bound bound(const MixUp& params, const Bound& images);

/// Mixes the sample with another one. If the other has no boxes, nothing changes.
void mix_up(const MixUp& params, Sample& sample, const Sample& other, RandomContext& random);

}  // namespace pinfeed
