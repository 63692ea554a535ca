// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.1.
//
// A masked autoencoder learns to predict masked patches of an image from the visible ones.
//   1. The patches of each sample are ordered by uniform noise; the first visible_patch_count() of
//      them are visible.
//   2. The encoder embeds and reads the visible patches and a class token only, so its cost is that
//      of a quarter of the image with the usual mask_ratio of 0.75. Each patch carries the
//      embedding of its position, so the order of the visible patches does not matter.
//   3. The decoder reads the encoder's outputs at their positions and one learned mask token at all
//      others, and predicts the pixels of the masked patches.
//   4. The loss compares the predicted pixels with those of the image, normalised per patch with
//      norm_pix. Visible patches have no loss, so they are not predicted at all.
// Every sample has equally many masked patches, so the mean over all of them is a plain mean.
#include "pinfeed/models/selfsup/mae.h"

#include "pinfeed/core/error.h"
#include "pinfeed/models/layers/layers.h"
#include "pinfeed/models/ops/linear.h"
#include "pinfeed/models/weights.h"
#include "pinfeed/schemas/weight_names.h"

namespace pinfeed {
namespace {

std::vector<BlockShape> encoder_shapes(const MAEViT& params) {
  const VitArch arch = arch_of(params);
  std::vector<BlockShape> shapes;
  for (const double rate : drop_path_rates(params.drop_path_rate, arch.num_layers)) {
    shapes.push_back({.channels = arch.embed_dims,
                      .heads = arch.num_heads,
                      .hidden = arch.feedforward_channels,
                      .eps = params.norm_cfg.get().eps,
                      .drop_path = rate});
  }
  return shapes;
}

std::vector<BlockShape> decoder_shapes(const MAEPretrainDecoder& params) {
  const BlockShape shape = {
      .channels = params.decoder_embed_dim,
      .heads = params.decoder_num_heads,
      .hidden = static_cast<std::int64_t>(params.mlp_ratio * params.decoder_embed_dim),
      .eps = params.norm_cfg.get().eps};
  return std::vector<BlockShape>(static_cast<std::size_t>(params.decoder_depth), shape);
}

// Rows `indices` (N, k) of every sample of (N, L, C), as (N, k, C). Copying whole rows is several
// times faster on a CPU than gathering single numbers.
torch::Tensor rows_of(const torch::Tensor& tokens, const torch::Tensor& indices) {
  return tokens.flatten(0, 1)
      .index_select(0, flat_indices(indices, tokens.size(1)))
      .view({tokens.size(0), indices.size(1), tokens.size(2)});
}

}  // namespace

std::int64_t visible_patch_count(std::int64_t patches, double ratio) {
  return static_cast<std::int64_t>(static_cast<double>(patches) * (1.0 - ratio));
}

Masking masking(const torch::Tensor& noise, double ratio) {
  const torch::Tensor order = noise.argsort(std::int64_t{1}, false);
  const std::int64_t keep = visible_patch_count(noise.size(1), ratio);
  return {order.narrow(1, 0, keep), order.narrow(1, keep, noise.size(1) - keep)};
}

MaeNet::MaeNet(const MAE& params)
    : encoder_(params.backbone.get()),
      head_(params.head.get()),
      side_(encoder_.img_size / encoder_.patch_size) {
  make_encoder(encoder_);
  make_decoder(params.neck.get());
  init_weights();
  if (const auto init = pretrained_of(params)) {
    load_messages.push_back(load_named(*this, *init));
  }
}

void MaeNet::make_encoder(const MAEViT& params) {
  const std::int64_t channels = arch_of(params).embed_dims;
  cls_token_ = register_parameter("cls_token", torch::zeros({1, 1, channels}));
  pos_embed_ = register_parameter("pos_embed", sin_cos_positions(channels, side_, side_), false);
  patch_embed_ =
      register_module("patch_embed", std::make_shared<PatchEmbed>(params.patch_size, 3, channels));
  blocks_ = register_module("blocks", std::make_shared<BlockStack>(encoder_shapes(params)));
  norm_ = register_module("norm", layer_norm(channels, params.norm_cfg.get().eps));
}

void MaeNet::make_decoder(const MAEPretrainDecoder& params) {
  const std::int64_t channels = params.decoder_embed_dim;
  decoder_embed_ = register_module("decoder_embed", torch::nn::Linear(params.embed_dim, channels));
  mask_token_ = register_parameter("mask_token", torch::zeros({1, 1, channels}));
  decoder_pos_embed_ =
      register_parameter("decoder_pos_embed", sin_cos_positions(channels, side_, side_), false);
  decoder_blocks_ =
      register_module("decoder_blocks", std::make_shared<BlockStack>(decoder_shapes(params)));
  decoder_norm_ = register_module("decoder_norm", layer_norm(channels, params.norm_cfg.get().eps));
  const std::int64_t numbers =
      std::int64_t{params.patch_size} * params.patch_size * params.in_chans;
  decoder_pred_ = register_module("decoder_pred", torch::nn::Linear(channels, numbers));
}

void MaeNet::init_weights() {
  const torch::NoGradGuard no_grad;
  for (const auto& module : modules(false)) {
    if (auto* linear = module->as<torch::nn::Linear>()) {
      torch::nn::init::xavier_uniform_(linear->weight);
      torch::nn::init::zeros_(linear->bias);
    }
  }
  torch::nn::init::xavier_uniform_(patch_embed_->proj->weight.flatten(1));
  torch::nn::init::normal_(cls_token_, 0.0, 0.02);
  torch::nn::init::normal_(mask_token_, 0.0, 0.02);
}

torch::Tensor MaeNet::encode(const torch::Tensor& patches, const Masking& mask,
                             const ModelRandom& random) {
  const torch::Tensor positions = pos_embed_.expand({patches.size(0), -1, -1});
  const torch::Tensor tokens =
      patch_embed_->embed(rows_of(patches, mask.visible)) + rows_of(positions, mask.visible + 1);
  const torch::Tensor first =
      (cls_token_ + pos_embed_.narrow(1, 0, 1)).expand({patches.size(0), -1, -1});
  return norm_->forward(blocks_->forward(torch::cat({first, tokens}, 1), random));
}

// The pixels of the masked patches.
torch::Tensor MaeNet::decode(const torch::Tensor& latent, const Masking& mask) {
  const torch::Tensor embedded = linear(latent, *decoder_embed_);
  const std::int64_t samples = embedded.size(0);
  const std::int64_t length = side_ * side_ + 1;
  const torch::Tensor first = torch::zeros_like(mask.visible.narrow(1, 0, 1));
  const torch::Tensor indices = flat_indices(torch::cat({first, mask.visible + 1}, 1), length);
  const torch::Tensor all =
      mask_token_.squeeze(0)
          .expand({samples * length, -1})
          .index_copy(0, indices, embedded.flatten(0, 1).to(mask_token_.scalar_type()))
          .view({samples, length, -1});
  const torch::Tensor tokens = decoder_blocks_->forward(all + decoder_pos_embed_, {});
  return linear(decoder_norm_->forward(rows_of(tokens, mask.masked + 1)), *decoder_pred_);
}

torch::Tensor MaeNet::target(const torch::Tensor& patches) const {
  if (!head_.norm_pix) return patches;
  const auto [variance, mean] = torch::var_mean(patches, {-1}, 1, true);
  return (patches - mean) / (variance + 1e-6).sqrt();
}

torch::Tensor MaeNet::reconstruction_loss(const torch::Tensor& predicted,
                                          const torch::Tensor& target) const {
  return head_.loss.get().criterion == "L1" ? torch::l1_loss(predicted, target)
                                            : torch::mse_loss(predicted, target);
}

torch::Tensor MaeNet::loss(const torch::Tensor& images, const torch::Tensor& noise,
                           const ModelRandom& random) {
  const Masking mask = masking(noise, encoder_.mask_ratio);
  const torch::Tensor patches = patchified(images, encoder_.patch_size);
  const torch::Tensor predicted = decode(encode(patches, mask, random), mask);
  return reconstruction_loss(predicted.to(torch::kFloat32), target(rows_of(patches, mask.masked)));
}

// Uniform noise (N, L) for the masks of the images.
torch::Tensor MaeNet::noise_for(const ModelInput& input) const {
  const torch::Tensor& images = input.images;
  if (images.size(2) != encoder_.img_size || images.size(3) != encoder_.img_size) {
    throw Error(ErrorKind::data, "the images are " + std::to_string(images.size(3)) + "x" +
                                     std::to_string(images.size(2)) + "; the MAE has img_size " +
                                     std::to_string(encoder_.img_size))
        .help("crop or resize in the pipeline, or set backbone.img_size and neck.num_patches");
  }
  return input.random.uniform({images.size(0), side_ * side_}, images.options(), "mask");
}

Losses MaeNet::losses(const ModelInput& input) {
  return {{"loss", loss(input.images, noise_for(input), input.random)}};
}

// With norm_pix the prediction has the mean and the spread of no patch; those of the image are
// taken.
std::vector<torch::Tensor> MaeNet::pictures(const ModelInput& input) {
  const Masking mask = masking(noise_for(input), encoder_.mask_ratio);
  const torch::Tensor patches = patchified(input.images, encoder_.patch_size);
  torch::Tensor predicted = decode(encode(patches, mask, {}), mask);
  if (head_.norm_pix) {
    const auto [variance, mean] = torch::var_mean(rows_of(patches, mask.masked), {-1}, 1, true);
    predicted = predicted * (variance + 1e-6).sqrt() + mean;
  }
  const torch::Tensor indices = flat_indices(mask.masked, patches.size(1));
  const auto with_masked = [&](const torch::Tensor& values) {
    const torch::Tensor all = patches.flatten(0, 1).index_copy(0, indices, values.flatten(0, 1));
    return unpatchified(all.view_as(patches), encoder_.patch_size);
  };
  return {input.images, with_masked(torch::zeros_like(predicted)), with_masked(predicted)};
}

LayerDepth MaeNet::layer_depth(const std::string& parameter) const {
  return vit_layer_depth(parameter, arch_of(encoder_).num_layers);
}

std::string MaeNet::upstream_name(const std::string& parameter) const {
  return mmpretrain_name(parameter);
}

std::shared_ptr<Model> make_network(const MAE& params) { return std::make_shared<MaeNet>(params); }

}  // namespace pinfeed
