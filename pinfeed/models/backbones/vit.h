// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "pinfeed/models/layers/blocks.h"
#include "pinfeed/models/layers/patches.h"
#include "pinfeed/schemas/detector_schema.h"

namespace pinfeed {

/// Plain vision transformer (docs/specs/openmmlab-data.md, 5.3). Parameters are named as in mmdet's
/// ViTDet, which are the names of MAE's encoder.
class VitNet : public torch::nn::Module {
 public:
  explicit VitNet(const ViT& params);
  /// (N, 3, H, W) -> (N, embed_dim, H / patch_size, W / patch_size), channels last in memory.
  /// Throws Error(data) when the patches do not cover the image.
  torch::Tensor forward(const torch::Tensor& images);

 private:
  void init_weights();
  torch::Tensor positions(std::int64_t rows, std::int64_t columns) const;

  ViT params_;
  std::shared_ptr<PatchEmbed> patch_embed_ = nullptr;
  torch::Tensor pos_embed_ = {};
  std::shared_ptr<BlockStack> blocks_ = nullptr;
};

}  // namespace pinfeed
