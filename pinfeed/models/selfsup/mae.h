// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "pinfeed/models/layers/blocks.h"
#include "pinfeed/models/layers/patches.h"
#include "pinfeed/models/model.h"
#include "pinfeed/schemas/mae_schema.h"

namespace pinfeed {

/// The indices of the patches of each sample that the encoder reads and of those that it does not.
struct Masking {
  torch::Tensor visible = {};  // (N, V) int64, in the order of their noise
  torch::Tensor masked = {};   // (N, L - V) int64
};

/// The number of visible patches: patches * (1 - ratio) in double, truncated.
std::int64_t visible_patch_count(std::int64_t patches, double ratio);

/// Makes the patches with the least noise visible. `noise` is (N, L), uniform.
Masking masking(const torch::Tensor& noise, double ratio);

/// Masked autoencoder. Parameters have the names of the original checkpoints; mmpretrain's differ.
class MaeNet : public Model {
 public:
  explicit MaeNet(const MAE& params);
  Losses losses(const ModelInput& input) override;
  std::vector<torch::Tensor> pictures(const ModelInput& input) override;
  bool has_pictures() const override { return true; }
  LayerDepth layer_depth(const std::string& parameter) const override;
  std::string upstream_name(const std::string& parameter) const override;

  /// The loss for given noise (N, L). losses() samples the noise and calls this. `random` is for
  /// drop path.
  torch::Tensor loss(const torch::Tensor& images, const torch::Tensor& noise,
                     const ModelRandom& random = {});

 private:
  void make_encoder(const MAEViT& params);
  void make_decoder(const MAEPretrainDecoder& params);
  void init_weights();
  torch::Tensor encode(const torch::Tensor& patches, const Masking& mask,
                       const ModelRandom& random);
  torch::Tensor decode(const torch::Tensor& latent, const Masking& mask);
  torch::Tensor target(const torch::Tensor& patches) const;
  torch::Tensor noise_for(const ModelInput& input) const;
  torch::Tensor reconstruction_loss(const torch::Tensor& predicted,
                                    const torch::Tensor& target) const;

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

std::shared_ptr<Model> make_network(const MAE& params);

}  // namespace pinfeed
