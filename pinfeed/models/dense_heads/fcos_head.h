// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/models/all_reduce.h"
#include "pinfeed/models/detector_parts.h"
#include "pinfeed/models/layers/conv.h"
#include "pinfeed/schemas/detector_schema.h"

namespace pinfeed {

/// The outputs of the head at every point, in the order of `Points`.
struct DensePrediction {
  torch::Tensor classes = {};    // (N, P, num_classes) logits
  torch::Tensor distances = {};  // (N, P, 4) left, top, right, bottom; in strides with norm_on_bbox
  torch::Tensor centerness = {};  // (N, P) logits
};

/// The network of FCOSHead. Parameters have the names of mmdet 3.
class FcosHeadNet : public DenseHead, public UsesAllReduce {
 public:
  FcosHeadNet(const FCOSHead& params, DenseTestCfg test_cfg);
  DensePrediction forward(const FeatureMaps& levels);
  Losses losses(const FeatureMaps& levels, const std::vector<DetDataSample>& samples,
                const ModelRandom& random) override;
  std::vector<Detections> predict(const FeatureMaps& levels,
                                  const std::vector<DetDataSample>& samples) override;

 private:
  struct Denominators {
    double positives = 1.0;       // of the losses of classes and centerness
    torch::Tensor centered = {};  // of the loss of the boxes
  };
  /// From the number of positive points and the sum of their centerness.
  Denominators denominators_of(std::int64_t positives, const torch::Tensor& centered) const;

  FCOSHead params_;
  DenseTestCfg test_cfg_;
  std::shared_ptr<ConvStack> cls_convs_ = nullptr;
  std::shared_ptr<ConvStack> reg_convs_ = nullptr;
  torch::nn::Conv2d conv_cls_ = nullptr;
  torch::nn::Conv2d conv_reg_ = nullptr;
  torch::nn::Conv2d conv_centerness_ = nullptr;
  std::vector<torch::Tensor> scales_ = {};  // one number per level
};

std::shared_ptr<DenseHead> make_dense_head(const FCOSHead& params, const DenseTestCfg& test_cfg);

}  // namespace pinfeed
