// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.3; the keys are those of mmdet's ViTDet
// project.
#include "pinfeed/schemas/simple_fpn_schema.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

void check_channels(const SimpleFPN& params) {
  const int width = params.backbone_channel;
  if (width % 4 != 0)
    throw_config_error(fmt::format("backbone_channel is {}; it must be a multiple of 4", width));
  const std::vector<int> want = {width / 4, width / 2, width, width};
  if (params.in_channels == want) return;
  throw Error(ErrorKind::config,
              "in_channels does not fit backbone_channel " + std::to_string(width))
      .help(fmt::format("it must be [{}]", fmt::join(want, ", ")));
}

}  // namespace

void describe(Schema<SimpleFPN>& schema) {
  schema.summary("Feature pyramid from one map.")
      .required("backbone_channel", &SimpleFPN::backbone_channel, "channels of the map",
                at_least(4))
      .required("in_channels", &SimpleFPN::in_channels,
                "channels of the four scales: C/4, C/2, C, C")
      .required("out_channels", &SimpleFPN::out_channels, "channels of every level", at_least(1))
      .required("num_outs", &SimpleFPN::num_outs, "levels", at_least(4))
      .required("norm_cfg", &SimpleFPN::norm_cfg, "normalisation of the convolutions")
      .optional("conv_cfg", &SimpleFPN::conv_cfg, "None or Conv2d")
      .refused("act_cfg", "no activation follows the convolutions")
      .refused("init_cfg", "weights are initialised as torch does")
      .check(check_channels);
}

FeatureShapes output_shapes(const SimpleFPN& params, const FeatureShapes& input) {
  if (input.channels.size() != 1) {
    throw_config_error(
        fmt::format("the backbone gives {} maps; SimpleFPN needs one", input.channels.size()));
  }
  const int stride = input.strides.front();
  if (stride % 4 != 0) {
    throw_config_error(fmt::format("patch_size is {}; SimpleFPN needs a multiple of 4", stride));
  }
  if (params.backbone_channel != input.channels.front()) {
    throw_config_error(fmt::format("neck.backbone_channel is {}; the backbone's embed_dim is {}",
                                   params.backbone_channel, input.channels.front()));
  }
  FeatureShapes levels{.strides = {stride / 4, stride / 2, stride}};
  while (std::ssize(levels.strides) < params.num_outs) {
    levels.strides.push_back(2 * levels.strides.back());
  }
  levels.channels.assign(levels.strides.size(), params.out_channels);
  return levels;
}

}  // namespace pinfeed
