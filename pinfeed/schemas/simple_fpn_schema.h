// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "pinfeed/schemas/feature_shapes.h"
#include "pinfeed/schemas/layer_schemas.h"

namespace pinfeed {

/// Feature pyramid from one map: x4, x2, x1, /2, then subsampling with stride 2 up to num_outs
/// levels.
struct SimpleFPN {
  static constexpr auto name = "SimpleFPN";
  int backbone_channel = 768;
  std::vector<int> in_channels = {192, 384, 768, 768};
  int out_channels = 256;
  int num_outs = 4;
  OneOf<LN2d> norm_cfg = {};
  std::optional<OneOf<Conv2d>> conv_cfg = {};
};
void describe(Schema<SimpleFPN>& schema);

/// The shapes of the levels for the feature maps of a backbone. Throws Error(config) for maps that
/// the neck does not accept.
FeatureShapes output_shapes(const SimpleFPN& params, const FeatureShapes& input);

}  // namespace pinfeed
