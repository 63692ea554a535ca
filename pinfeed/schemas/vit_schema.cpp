// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.3; the keys are those of mmdet's ViTDet
// project.
#include <fmt/format.h>

#include "pinfeed/schemas/detector_schema.h"

namespace pinfeed {
namespace {

[[noreturn]] void refuse_vit(const std::string& text) { throw Error(ErrorKind::config, text); }

void check_vit(const ViT& params) {
  if (params.embed_dim % params.num_heads != 0) {
    refuse_vit(fmt::format("num_heads {} does not divide embed_dim {}", params.num_heads,
                           params.embed_dim));
  }
  for (const int size : {params.img_size, params.pretrain_img_size}) {
    if (size % params.patch_size == 0) continue;
    refuse_vit(
        fmt::format("patch_size {} does not divide the image size {}", params.patch_size, size));
  }
  for (const int block : params.window_block_indexes) {
    if (params.window_size == 0 || (block >= 0 && block < params.depth)) continue;
    refuse_vit(
        fmt::format("window_block_indexes names block {}; there are {}", block, params.depth));
  }
}

void check_channels(const SimpleFPN& params) {
  const int width = params.backbone_channel;
  if (width % 4 != 0)
    refuse_vit(fmt::format("backbone_channel is {}; it must be a multiple of 4", width));
  const std::vector<int> want = {width / 4, width / 2, width, width};
  if (params.in_channels == want) return;
  throw Error(ErrorKind::config,
              "in_channels does not fit backbone_channel " + std::to_string(width))
      .help(fmt::format("it must be [{}]", fmt::join(want, ", ")));
}

}  // namespace

void describe(Schema<ViT>& schema) {
  schema.summary("Plain vision transformer as the backbone of a detector.")
      .optional("img_size", &ViT::img_size, "side that relative positions are made for, pixels",
                at_least(1))
      .optional("patch_size", &ViT::patch_size, "side of a patch, the stride of the map",
                at_least(1))
      .optional("in_chans", &ViT::in_chans, "channels of the image", between(3, 3))
      .optional("embed_dim", &ViT::embed_dim, "channels of a token", at_least(1))
      .optional("depth", &ViT::depth, "blocks", at_least(1))
      .optional("num_heads", &ViT::num_heads, "heads of attention", at_least(1))
      .optional("mlp_ratio", &ViT::mlp_ratio, "hidden width of a block's MLP / its width",
                at_least(0.01))
      .optional("qkv_bias", &ViT::qkv_bias, "query, key and value have a bias")
      .optional("drop_path_rate", &ViT::drop_path_rate,
                "part of samples that skip the last block; linear from 0 over the depth",
                between(0, 0.99))
      .optional("norm_cfg", &ViT::norm_cfg, "normalisation of tokens; eps is 1e-5 unless given")
      .optional("act_cfg", &ViT::act_cfg, "activation of the MLP")
      .optional("use_abs_pos", &ViT::use_abs_pos, "add trained position embeddings")
      .optional("use_rel_pos", &ViT::use_rel_pos, "add decomposed relative positions to attention")
      .optional("rel_pos_zero_init", &ViT::rel_pos_zero_init, "relative positions start at 0")
      .optional("window_size", &ViT::window_size, "side of a window in tokens; 0: no windows",
                at_least(0))
      .optional("window_block_indexes", &ViT::window_block_indexes, "blocks that see only a window")
      .optional("pretrain_img_size", &ViT::pretrain_img_size,
                "side of the pre-training image: decides how many positions are stored",
                at_least(1))
      .optional("pretrain_use_cls_token", &ViT::pretrain_use_cls_token,
                "a position for a class token is stored, unused")
      .optional("init_cfg", &ViT::init_cfg, "dict(type='Pretrained', checkpoint=...)")
      .refused("use_act_checkpoint", "activations are kept; lower batch_size if memory is short")
      .check(check_vit);
}

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
      .refused("act_cfg", "the pyramid has no activation after its convolutions")
      .refused("init_cfg", "weights start as torch starts them")
      .check(check_channels);
}

FeatureShapes output_shapes(const ViT& params) {
  return {.channels = {params.embed_dim}, .strides = {params.patch_size}};
}

FeatureShapes output_shapes(const SimpleFPN& params, const FeatureShapes& input) {
  if (input.channels.size() != 1) {
    refuse_vit(
        fmt::format("the backbone gives {} maps; SimpleFPN needs one", input.channels.size()));
  }
  const int stride = input.strides.front();
  if (stride % 4 != 0) {
    refuse_vit(fmt::format("patch_size is {}; SimpleFPN needs a multiple of 4", stride));
  }
  if (params.backbone_channel != input.channels.front()) {
    refuse_vit(fmt::format("neck.backbone_channel is {}; the backbone's embed_dim is {}",
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
