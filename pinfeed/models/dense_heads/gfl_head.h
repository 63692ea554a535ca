// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/models/all_reduce.h"
#include "pinfeed/models/detector_parts.h"
#include "pinfeed/models/layers/conv.h"
#include "pinfeed/models/task_modules/anchors.h"
#include "pinfeed/schemas/gfl_schema.h"

namespace pinfeed {

/// What GFLHead predicts at every position of every image; all in float32.
struct GflPrediction {
  torch::Tensor classes = {};  // (N, A, classes) logits
  torch::Tensor sides = {};    // (N, A, 4 * (reg_max + 1)) logits: left, top, right, bottom
  torch::Tensor strides = {};  // (A) pixels
  Anchors anchors = {};
};

/// The network of GFLHead. Parameters have the names of mmdet 3.
class GflHeadNet : public DenseHead, public UsesAllReduce {
 public:
  /// Without `train_cfg` it can only detect.
  GflHeadNet(GFLHead params, std::optional<GFLTrainCfg> train_cfg, DenseTestCfg test_cfg);
  GflPrediction forward(const FeatureMaps& levels);
  /// loss_cls, loss_bbox and loss_dfl. Throws Error(config) without train_cfg, and Error(data) for
  /// an image in which no anchor may be used.
  Losses losses(const FeatureMaps& levels, const std::vector<DetDataSample>& samples,
                const ModelRandom& random) override;
  std::vector<Detections> predict(const FeatureMaps& levels,
                                  const std::vector<DetDataSample>& samples) override;

 private:
  struct Denominators {
    double positives = 0.0;        // of the loss of classes
    torch::Tensor certainty = {};  // of the losses of boxes
  };
  Denominators denominators_of(double positives, const torch::Tensor& certainty) const;
  /// The distances (n, 4), in strides, that are the means of distributions (n, 4 * (reg_max + 1)).
  torch::Tensor distances_of(const torch::Tensor& sides) const;

  GFLHead params_;
  std::optional<GFLTrainCfg> train_cfg_;
  DenseTestCfg test_cfg_;
  std::shared_ptr<ConvStack> cls_convs_ = nullptr;
  std::shared_ptr<ConvStack> reg_convs_ = nullptr;
  torch::nn::Conv2d gfl_cls_ = nullptr;
  torch::nn::Conv2d gfl_reg_ = nullptr;
  std::vector<torch::Tensor> scales_ = {};  // one number per level
};

std::shared_ptr<DenseHead> make_dense_head(const GFLHead& params,
                                           const std::optional<GFLTrainCfg>& train_cfg,
                                           const DenseTestCfg& test_cfg);

}  // namespace pinfeed
