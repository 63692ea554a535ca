// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the keys and defaults of mmdet 3's ResNet.
#include "pinfeed/schemas/resnet_schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

struct DepthLayout {
  int depth;
  ResNetLayout layout;
};

constexpr std::array<DepthLayout, 5> layouts = {{{18, {{2, 2, 2, 2}, false}},
                                                 {34, {{3, 4, 6, 3}, false}},
                                                 {50, {{3, 4, 6, 3}, true}},
                                                 {101, {{3, 4, 23, 3}, true}},
                                                 {152, {{3, 8, 36, 3}, true}}}};

void check_count(const char* key, std::size_t count, int stages) {
  if (count == static_cast<std::size_t>(stages)) return;
  throw_config_error(fmt::format("{} has {} entries; there are {} stages", key, count, stages));
}

void check_stages(const ResNet& params) {
  check_count("strides", params.strides.size(), params.num_stages);
  check_count("dilations", params.dilations.size(), params.num_stages);
  for (const std::vector<int>& numbers : {params.strides, params.dilations}) {
    if (*std::min_element(numbers.begin(), numbers.end()) < 1)
      throw_config_error("strides and dilations must be at least 1");
  }
  if (params.out_indices.empty()) throw_config_error("out_indices is empty");
  if (!std::is_sorted(params.out_indices.begin(), params.out_indices.end()))
    throw_config_error("out_indices must ascend");
  for (const int index : params.out_indices) {
    if (index >= 0 && index < params.num_stages) continue;
    throw_config_error(
        fmt::format("out_indices has {}; the stages are 0 to {}", index, params.num_stages - 1));
  }
}

void check_resnet(const ResNet& params) {
  const bool known = std::any_of(layouts.begin(), layouts.end(), [&](const DepthLayout& entry) {
    return entry.depth == params.depth;
  });
  if (!known) {
    throw_config_error(fmt::format("depth is {}; it must be 18, 34, 50, 101 or 152", params.depth));
  }
  if (params.style != "pytorch" && params.style != "caffe") {
    throw_config_error("style is '" + params.style + "'; it must be 'pytorch' or 'caffe'");
  }
  if (params.pretrained && params.init_cfg)
    throw_config_error("pretrained is the old name of init_cfg; give one of them");
  check_stages(params);
  // The channels of all other convolutions are multiples of these.
  check_groups(params.norm_cfg, params.base_channels, "base_channels");
  check_groups(params.norm_cfg, params.stem_channels.value_or(params.base_channels),
               "stem_channels");
}

}  // namespace

void describe(Schema<ResNet>& schema) {
  schema.summary("Residual network as the backbone of a detector.")
      .required("depth", &ResNet::depth, "18, 34, 50, 101 or 152")
      .optional("in_channels", &ResNet::in_channels, "channels of the image", between(3, 3))
      .optional("stem_channels", &ResNet::stem_channels,
                "channels of the first convolution; None: base_channels", at_least(1))
      .optional("base_channels", &ResNet::base_channels, "channels of the first stage", at_least(1))
      .optional("num_stages", &ResNet::num_stages, "stages", between(1, 4))
      .optional("strides", &ResNet::strides, "stride of each stage")
      .optional("dilations", &ResNet::dilations, "dilation of the 3x3 convolutions of each stage")
      .optional("out_indices", &ResNet::out_indices, "stages whose maps are given, from 0")
      .optional("style", &ResNet::style,
                "'pytorch': the 3x3 convolution of a bottleneck has the stride; 'caffe': the first")
      .optional("frozen_stages", &ResNet::frozen_stages,
                "-1: nothing is frozen; 0: the stem; n: the stem and n stages", between(-1, 4))
      .optional("conv_cfg", &ResNet::conv_cfg, "None or Conv2d")
      .optional("norm_cfg", &ResNet::norm_cfg, "normalisation behind each convolution")
      .optional("norm_eval", &ResNet::norm_eval, "BN uses its running statistics in training too")
      .optional("zero_init_residual", &ResNet::zero_init_residual,
                "without init_cfg the last normalisation of each block starts at 0")
      .optional("with_cp", &ResNet::with_cp,
                "activation checkpointing: less memory, more time, the same result")
      .optional("pretrained", &ResNet::pretrained, "the old name of init_cfg: a checkpoint")
      .optional("init_cfg", &ResNet::init_cfg, "dict(type='Pretrained', checkpoint=...)")
      .accepted("stage_with_dcn", "it has no effect without dcn")
      .refused("deep_stem", "the stem is one 7x7 convolution")
      .refused("avg_down", "a convolution subsamples the shortcut")
      .refused("dcn", "deformable convolutions are not implemented")
      .refused("plugins", "blocks have no plugins")
      .check(check_resnet);
}

ResNetLayout layout_of(const ResNet& params) {
  for (const DepthLayout& entry : layouts) {
    if (entry.depth == params.depth) return entry.layout;
  }
  throw Error(ErrorKind::bug, "a ResNet of an unknown depth");
}

FeatureShapes output_shapes(const ResNet& params) {
  constexpr int stem_stride = 4;
  FeatureShapes shapes;
  int stride = stem_stride;
  int channels = params.base_channels * layout_of(params).expansion();
  for (int stage = 0; stage < params.num_stages; ++stage) {
    stride *= params.strides[static_cast<std::size_t>(stage)];
    const auto& wanted = params.out_indices;
    if (std::find(wanted.begin(), wanted.end(), stage) != wanted.end()) {
      shapes.channels.push_back(channels);
      shapes.strides.push_back(stride);
    }
    channels *= 2;
  }
  return shapes;
}

}  // namespace pinfeed
