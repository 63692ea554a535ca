// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/models/backbones/resnet_blocks.h"
#include "pinfeed/models/detector_parts.h"

namespace pinfeed {

/// Residual network. Parameters have the names of mmdet's ResNet, which are torchvision's.
class ResNetNet : public Backbone {
 public:
  explicit ResNetNet(const ResNet& params);
  /// (N, 3, H, W) -> the maps of out_indices, the finest first.
  FeatureMaps forward(const torch::Tensor& images, const ModelRandom&) override;
  std::vector<std::int64_t> out_channels() const override;
  /// In training too, frozen stages, and with norm_eval every BN, stay in eval mode.
  void train(bool on = true) override;

 private:
  using Stage = std::vector<std::shared_ptr<ResidualBlock>>;

  Stage make_stage(std::size_t index, std::int64_t in_channels);
  void init_weights();
  std::vector<std::shared_ptr<torch::nn::Module>> frozen_parts() const;

  ResNet params_;
  torch::nn::Conv2d conv1_ = nullptr;
  MapNorm norm1_ = {};
  std::vector<Stage> stages_ = {};
};

std::shared_ptr<Backbone> make_backbone(const ResNet& params);

}  // namespace pinfeed
