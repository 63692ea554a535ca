// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/models/layers/conv.h"
#include "pinfeed/models/model.h"
#include "pinfeed/schemas/detector_schema.h"

namespace pinfeed {

/// What the head says of every point, levels one after the other as in `Points`.
struct DensePrediction {
  torch::Tensor classes = {};    // (N, P, num_classes) logits
  torch::Tensor distances = {};  // (N, P, 4) left, top, right, bottom; in strides with norm_on_bbox
  torch::Tensor centerness = {};  // (N, P) logits
};

/// The network of FCOSHead. Parameters are named as in mmdet 3.
class FcosHeadNet : public torch::nn::Module {
 public:
  explicit FcosHeadNet(const FCOSHead& params);
  /// One map per level.
  DensePrediction forward(const std::vector<torch::Tensor>& levels);
  Losses losses(const std::vector<torch::Tensor>& levels, const std::vector<Target>& targets);

 private:
  using Tower = std::vector<std::shared_ptr<ConvNorm>>;
  Tower make_tower(const std::string& name);
  torch::nn::Conv2d make_last(const std::string& name, std::int64_t channels, double bias);

  FCOSHead params_;
  Tower cls_convs_ = {};
  Tower reg_convs_ = {};
  torch::nn::Conv2d conv_cls_ = nullptr;
  torch::nn::Conv2d conv_reg_ = nullptr;
  torch::nn::Conv2d conv_centerness_ = nullptr;
  std::vector<torch::Tensor> scales_ = {};  // one number per level
};

}  // namespace pinfeed
