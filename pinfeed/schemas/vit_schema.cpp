// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.3; the keys are those of mmdet's ViTDet
// project.
#include "pinfeed/schemas/vit_schema.h"

#include <fmt/format.h>

#include "pinfeed/schemas/config_error.h"

namespace pinfeed {
namespace {

void check_vit(const ViT& params) {
  if (params.embed_dim % params.num_heads != 0) {
    throw_config_error(fmt::format("num_heads {} does not divide embed_dim {}", params.num_heads,
                                   params.embed_dim));
  }
  for (const int size : {params.img_size, params.pretrain_img_size}) {
    if (size % params.patch_size == 0) continue;
    throw_config_error(
        fmt::format("patch_size {} does not divide the image size {}", params.patch_size, size));
  }
  for (const int block : params.window_block_indexes) {
    if (params.window_size == 0 || (block >= 0 && block < params.depth)) continue;
    throw_config_error(
        fmt::format("window_block_indexes names block {}; there are {}", block, params.depth));
  }
}

}  // namespace

void describe(Schema<ViT>& schema) {
  schema.summary("Plain vision transformer as the backbone of a detector.")
      .optional("img_size", &ViT::img_size,
                "side of the image that relative positions are for, pixels", at_least(1))
      .optional("patch_size", &ViT::patch_size, "side of a patch, pixels; the stride of the map",
                at_least(1))
      .optional("in_chans", &ViT::in_chans, "channels of the image", between(3, 3))
      .optional("embed_dim", &ViT::embed_dim, "channels of a token", at_least(1))
      .optional("depth", &ViT::depth, "blocks", at_least(1))
      .optional("num_heads", &ViT::num_heads, "heads of attention", at_least(1))
      .optional("mlp_ratio", &ViT::mlp_ratio, "hidden width of a block's MLP / its width",
                at_least(0.01))
      .optional("qkv_bias", &ViT::qkv_bias, "query, key and value have a bias")
      .optional(
          "drop_path_rate", &ViT::drop_path_rate,
          "fraction of samples that skip the last block; grows linearly from 0 with the depth",
          between(0, 0.99))
      .optional("norm_cfg", &ViT::norm_cfg,
                "normalisation of tokens; without norm_cfg eps is 1e-6, in a norm_cfg it is 1e-5")
      .optional("act_cfg", &ViT::act_cfg, "activation of the MLP")
      .optional("use_abs_pos", &ViT::use_abs_pos, "add learned position embeddings")
      .optional("use_rel_pos", &ViT::use_rel_pos, "add decomposed relative positions to attention")
      .optional("rel_pos_zero_init", &ViT::rel_pos_zero_init,
                "relative positions are initialised to 0")
      .optional("window_size", &ViT::window_size, "side of a window in tokens; 0: no windows",
                at_least(0))
      .optional("window_block_indexes", &ViT::window_block_indexes,
                "blocks with attention in windows")
      .optional(
          "pretrain_img_size", &ViT::pretrain_img_size,
          "side of the pre-training image, pixels; the number of stored positions follows from it",
          at_least(1))
      .optional("pretrain_use_cls_token", &ViT::pretrain_use_cls_token,
                "the stored positions begin with one for a class token, which is not used")
      .optional("init_cfg", &ViT::init_cfg, "dict(type='Pretrained', checkpoint=...)")
      .optional("use_act_checkpoint", &ViT::use_act_checkpoint,
                "activation checkpointing: less memory, more time, the same result")
      .check(check_vit);
}

FeatureShapes output_shapes(const ViT& params) {
  return {.channels = {params.embed_dim}, .strides = {params.patch_size}};
}

}  // namespace pinfeed
