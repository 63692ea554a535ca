// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pinfeed/models/detector_parts.h"
#include "pinfeed/models/layers/blocks.h"
#include "pinfeed/models/layers/patches.h"
#include "pinfeed/models/layers/resample_matrix.h"
#include "pinfeed/schemas/detector_schema.h"

namespace pinfeed {

/// Plain vision transformer (docs/specs/openmmlab-data.md, 5.3). Parameters have the names of
/// mmdet's ViTDet, which are those of MAE's encoder.
class VitNet : public Backbone {
 public:
  explicit VitNet(const ViT& params);
  /// (N, 3, H, W) -> one map (N, embed_dim, H / patch_size, W / patch_size), channels last in
  /// memory. Throws Error(data) when H or W is not a multiple of patch_size.
  FeatureMaps forward(const torch::Tensor& images, const ModelRandom& random) override;
  std::vector<std::int64_t> out_channels() const override { return {params_.embed_dim}; }
  LayerDepth layer_depth(const std::string& parameter) const override;
  /// False for the position embedding and for the normalisations of the blocks.
  bool has_weight_decay(const std::string& parameter) const override;

 private:
  void init_weights();
  torch::Tensor positions(std::int64_t rows, std::int64_t columns);

  ViT params_;
  std::shared_ptr<PatchEmbed> patch_embed_ = nullptr;
  torch::Tensor pos_embed_ = {};
  std::shared_ptr<BlockStack> blocks_ = nullptr;
  ResampleMatrix row_positions_{Resampling::bicubic};
  ResampleMatrix column_positions_{Resampling::bicubic};
};

std::shared_ptr<Backbone> make_backbone(const ViT& params);

}  // namespace pinfeed
