// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "pinfeed/models/layers/blocks.h"
#include "pinfeed/models/layers/patches.h"
#include "pinfeed/models/model.h"
#include "pinfeed/schemas/mae_schema.h"

namespace pinfeed {

/// Which patches of each sample are kept and which are removed, (N, L) split along its second axis.
struct Masking {
  torch::Tensor kept = {};     // (N, keep) int64, in the order of their noise
  torch::Tensor removed = {};  // (N, L - keep) int64
};

/// How many of `patches` are kept: patches * (1 - ratio) in double, cut to an integer.
std::int64_t kept_patches(std::int64_t patches, double ratio);

/// Keeps the patches with the least noise. `noise` is (N, L), uniform.
Masking masking(const torch::Tensor& noise, double ratio);

/// Masked autoencoder. Parameters are named as in the original checkpoints.
class MaeNet : public Model {
 public:
  explicit MaeNet(const MAE& params);
  Losses losses(const ModelInput& input) override;
  std::pair<int, int> layer_depth(const std::string& parameter) const override;

  /// The loss for one draw of noise (N, L): what losses() does after drawing it.
  torch::Tensor loss(const torch::Tensor& images, const torch::Tensor& noise);

 private:
  void make_encoder(const MAEViT& params);
  void make_decoder(const MAEPretrainDecoder& params);
  void init_weights();
  torch::Tensor encoded(const torch::Tensor& patches, const Masking& mask);
  torch::Tensor painted(const torch::Tensor& latent, const Masking& mask);
  torch::Tensor target(const torch::Tensor& patches) const;
  torch::Tensor error(const torch::Tensor& painted, const torch::Tensor& target) const;

  MAEViT encoder_;
  MAEPretrainHead head_;
  std::int64_t side_;  // patches along a side of the image
  std::shared_ptr<PatchEmbed> patch_embed_ = nullptr;
  torch::Tensor cls_token_ = {};
  torch::Tensor pos_embed_ = {};
  std::shared_ptr<BlockStack> blocks_ = nullptr;
  torch::nn::LayerNorm norm_ = nullptr;
  torch::nn::Linear decoder_embed_ = nullptr;
  torch::Tensor mask_token_ = {};
  torch::Tensor decoder_pos_embed_ = {};
  std::shared_ptr<BlockStack> decoder_blocks_ = nullptr;
  torch::nn::LayerNorm decoder_norm_ = nullptr;
  torch::nn::Linear decoder_pred_ = nullptr;
};

}  // namespace pinfeed
