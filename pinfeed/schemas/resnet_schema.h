// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/schemas/feature_shapes.h"
#include "pinfeed/schemas/map_norm_schema.h"

namespace pinfeed {

/// Residual network as a backbone. Stage i has base_channels * 2^i channels, times 4 from depth 50.
struct ResNet {
  static constexpr auto name = "ResNet";
  int depth = 50;  // 18, 34, 50, 101 or 152
  int in_channels = 3;
  std::optional<int> stem_channels = {};  // None: base_channels
  int base_channels = 64;
  int num_stages = 4;
  std::vector<int> strides = {1, 2, 2, 2};  // of the first block of each stage
  std::vector<int> dilations = {1, 1, 1, 1};
  std::vector<int> out_indices = {0, 1, 2, 3};  // stages whose maps are given, from 0
  std::string style = "pytorch";                // which convolution of a bottleneck has the stride
  int frozen_stages = -1;                       // 0: the stem, 1: and the first stage, ...
  std::optional<OneOf<Conv2d>> conv_cfg = {};
  MapNormCfg norm_cfg = {};
  bool norm_eval = true;  // BN uses its running statistics in training too
  bool zero_init_residual = true;
  bool with_cp = false;  // activations of a block are computed again for its gradient
  std::optional<WrittenPath> pretrained = {};  // the old name of init_cfg
  std::optional<OneOf<Pretrained>> init_cfg = {};
};
void describe(Schema<ResNet>& schema);

/// The number of blocks of each of the four stages, and whether they are bottlenecks.
struct ResNetLayout {
  std::array<int, 4> blocks = {};
  bool bottleneck = false;

  int expansion() const { return bottleneck ? 4 : 1; }
};
ResNetLayout layout_of(const ResNet& params);

/// The shapes of the maps of out_indices.
FeatureShapes output_shapes(const ResNet& params);

}  // namespace pinfeed
