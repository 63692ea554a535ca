// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.3.
#include "pinfeed/models/backbones/vit.h"

#include <algorithm>

#include "pinfeed/core/error.h"
#include "pinfeed/models/layers/layers.h"

namespace pinfeed {
namespace {

bool in_window(const ViT& params, int block) {
  const std::vector<int>& windowed = params.window_block_indexes;
  return params.window_size > 0 &&
         std::find(windowed.begin(), windowed.end(), block) != windowed.end();
}

std::vector<BlockShape> shapes_of(const ViT& params) {
  std::vector<BlockShape> shapes;
  for (const double rate : drop_path_rates(params.drop_path_rate, params.depth)) {
    const bool windowed = in_window(params, static_cast<int>(shapes.size()));
    const int side = windowed ? params.window_size : params.img_size / params.patch_size;
    shapes.push_back({.channels = params.embed_dim,
                      .heads = params.num_heads,
                      .hidden = static_cast<std::int64_t>(params.mlp_ratio * params.embed_dim),
                      .qkv_bias = params.qkv_bias,
                      .eps = params.norm_cfg.get().eps,
                      .drop_path = rate,
                      .window = windowed ? params.window_size : 0,
                      .rel_pos = params.use_rel_pos ? side : 0});
  }
  return shapes;
}

// Upstream truncates this distribution at 2, which is 100 standard deviations: no sample gets
// there.
void init_normal(torch::Tensor tensor) { tensor.normal_(0.0, 0.02); }

}  // namespace

VitNet::VitNet(const ViT& params) : params_(params) {
  if (params.use_abs_pos) {
    const std::int64_t side = params.pretrain_img_size / params.patch_size;
    const std::int64_t first = params.pretrain_use_cls_token ? 1 : 0;
    pos_embed_ =
        register_parameter("pos_embed", torch::zeros({1, side * side + first, params.embed_dim}));
  }
  patch_embed_ = register_module(
      "patch_embed",
      std::make_shared<PatchEmbed>(params.patch_size, params.in_chans, params.embed_dim));
  blocks_ = register_module(
      "blocks", std::make_shared<BlockStack>(shapes_of(params), params.use_act_checkpoint));
  init_weights();
}

void VitNet::init_weights() {
  const torch::NoGradGuard no_grad;
  for (const auto& module : modules(false)) {
    if (auto* linear = module->as<torch::nn::Linear>()) {
      init_normal(linear->weight);
      if (linear->bias.defined()) linear->bias.zero_();
    }
    auto* attention = module->as<Attention>();
    if (attention != nullptr && params_.use_rel_pos && !params_.rel_pos_zero_init) {
      init_normal(attention->rel_pos_h);
      init_normal(attention->rel_pos_w);
    }
  }
  if (pos_embed_.defined()) init_normal(pos_embed_);
}

// The stored grid of positions, resampled to the grid of this image: (1, rows, columns, channels).
torch::Tensor VitNet::positions(std::int64_t rows, std::int64_t columns) {
  const std::int64_t first = params_.pretrain_use_cls_token ? 1 : 0;
  const torch::Tensor line = pos_embed_.narrow(1, first, pos_embed_.size(1) - first);
  const std::int64_t side = params_.pretrain_img_size / params_.patch_size;
  const torch::Tensor square = line.view({1, side, side, params_.embed_dim});
  if (rows == side && columns == side) return square;
  const torch::Tensor tall = row_positions_(square.squeeze(0), rows);
  return column_positions_(tall.transpose(0, 1), columns).transpose(0, 1).unsqueeze(0);
}

FeatureMaps VitNet::forward(const torch::Tensor& images, const ModelRandom& random) {
  const std::int64_t patch = params_.patch_size;
  if (images.size(2) % patch != 0 || images.size(3) % patch != 0) {
    throw Error(ErrorKind::data, "the images are " + std::to_string(images.size(3)) + "x" +
                                     std::to_string(images.size(2)) + "; patches of " +
                                     std::to_string(patch) + " do not cover them")
        .help("set data_preprocessor.pad_size_divisor to a multiple of the patch size");
  }
  torch::Tensor grid = patch_embed_->forward(images);
  if (pos_embed_.defined()) grid = grid + positions(grid.size(1), grid.size(2));
  return {blocks_->forward(grid, random).permute({0, 3, 1, 2})};
}

LayerDepth VitNet::layer_depth(const std::string& parameter) const {
  return vit_layer_depth(parameter, params_.depth);
}

bool VitNet::has_weight_decay(const std::string& parameter) const {
  const auto contains = [&](const char* part) { return parameter.find(part) != std::string::npos; };
  return !contains("pos_embed") && !(parameter.starts_with("blocks") && contains("norm"));
}

std::shared_ptr<Backbone> make_backbone(const ViT& params) {
  return std::make_shared<VitNet>(params);
}

}  // namespace pinfeed
