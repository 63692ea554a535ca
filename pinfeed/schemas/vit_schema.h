// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "pinfeed/schemas/feature_shapes.h"
#include "pinfeed/schemas/layer_schemas.h"

namespace pinfeed {

/// Plain vision transformer as a backbone (docs/specs/openmmlab-data.md, 5.3). Its output is one
/// feature map of stride patch_size, without a final norm.
struct ViT {
  static constexpr auto name = "ViT";
  int img_size = 1024;  // pixels; the size of the global relative positions
  int patch_size = 16;
  int in_chans = 3;
  int embed_dim = 768;
  int depth = 12;
  int num_heads = 12;
  double mlp_ratio = 4.0;
  bool qkv_bias = true;
  double drop_path_rate = 0.0;
  OneOf<LN> norm_cfg = {LN{.eps = 1e-6}};
  OneOf<GELU> act_cfg = {};
  bool use_abs_pos = true;
  bool use_rel_pos = false;
  bool rel_pos_zero_init = true;
  int window_size = 0;  // tokens; 0: every block is global
  std::vector<int> window_block_indexes = {0, 1, 3, 4, 6, 7, 9, 10};
  int pretrain_img_size = 224;  // pixels; the number of stored positions follows from it
  bool pretrain_use_cls_token = true;
  bool use_act_checkpoint = false;  // activations of a block are computed again for its gradient
  std::optional<OneOf<Pretrained>> init_cfg = {};
};
void describe(Schema<ViT>& schema);
/// The shape of the feature map of the backbone.
FeatureShapes output_shapes(const ViT& params);

}  // namespace pinfeed
