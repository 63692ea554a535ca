// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pinfeed/schemas/feature_shapes.h"
#include "pinfeed/schemas/map_norm_schema.h"

namespace pinfeed {

/// How a coarse level is enlarged before it is added to a finer one.
struct UpsampleCfg {
  static constexpr auto name = "upsample_cfg";
  std::string mode = "nearest";
  std::optional<double> scale_factor = {};  // None: to the size of the finer level
};
void describe(Schema<UpsampleCfg>& schema);

/// Feature pyramid network: the maps of a backbone, each added to the enlarged coarser one.
struct FPN {
  static constexpr auto name = "FPN";
  std::vector<int> in_channels = {};
  int out_channels = 256;
  int num_outs = 5;
  int start_level = 0;  // the first map that is used
  int end_level = -1;   // the last one; -1: the backbone's last
  std::variant<bool, std::string> add_extra_convs = false;
  bool relu_before_extra_convs = false;
  bool no_norm_on_lateral = false;
  std::optional<OneOf<Conv2d>> conv_cfg = {};
  std::optional<MapNormCfg> norm_cfg = {};
  UpsampleCfg upsample_cfg = {};
  Value init_cfg = {};
};
void describe(Schema<FPN>& schema);

/// Where the first extra level comes from.
enum class ExtraSource { none, input, lateral, output };
ExtraSource extra_source(const FPN& params);

/// The number of maps that laterals read.
int lateral_count(const FPN& params);

/// The shapes of the levels for the feature maps of a backbone. Throws Error(config) for maps that
/// the neck does not accept.
FeatureShapes output_shapes(const FPN& params, const FeatureShapes& input);

}  // namespace pinfeed
