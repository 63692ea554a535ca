// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// How the size of the result is computed in test mode, from the size of the image.
struct TestPadMode {
  enum class Rule { logical_or, size_divisor };

  Rule rule = Rule::logical_or;
  int value = 127;  // or-ed with each side, or the number that each side becomes a multiple of
};

/// Cuts a window around a random point, fills what lies outside the image with the mean colour, and
/// removes the boxes whose centre lies outside the window. In test mode the image is centred on a
/// larger canvas instead, boxes are not moved, and the field 'border' is added: the position (top,
/// bottom, left, right) of the image on the canvas, float32. Images must be float32.
struct RandomCenterCropPad {
  static constexpr auto name = "RandomCenterCropPad";

  std::optional<Size> crop_size = {};  // pixels
  std::optional<std::vector<double>> ratios = {{0.9, 1.0, 1.1}};
  std::optional<int> border = 128;  // pixels
  std::array<double, 3> mean = {};  // fill colour, in the order of to_rgb
  std::array<double, 3> std = {};   // not used, required by upstream
  bool to_rgb = true;               // `mean` is R, G, B and the image is B, G, R
  bool test_mode = false;
  std::optional<TestPadMode> test_pad_mode = TestPadMode{};
  int test_pad_add_pix = 0;  // pixels
  bool bbox_clip_border = true;
};
void describe(Schema<RandomCenterCropPad>& schema);
FieldUse fields(const RandomCenterCropPad& params);
bool apply(const RandomCenterCropPad& params, Sample& sample, RandomContext& random);
Bound bound(const RandomCenterCropPad& params, const Bound& images);

}  // namespace pinfeed
