// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/models/detector_parts.h"
#include "pinfeed/models/layers/conv.h"
#include "pinfeed/models/task_modules/box_sampler.h"
#include "pinfeed/schemas/detection_schemas.h"
#include "pinfeed/schemas/roi_schemas.h"

namespace pinfeed {

/// What a box head predicts for some regions.
struct BoxPrediction {
  torch::Tensor classes = {};  // (K, num_classes + 1) logits; the last is the background
  torch::Tensor codes = {};    // (K, 4), or (K, 4 * num_classes)
};

/// The same values on the host, without gradients. The host waits for the device once.
BoxPrediction on_host(const BoxPrediction& predicted);

/// The shape of convolutions with the normalisation of a RoI head and a ReLU.
ConvShape roi_conv(std::int64_t in_channels, std::int64_t channels, std::int64_t kernel,
                   const RoINorm& norm);

/// The network of ConvFCBBoxHead and its special cases. Parameters have the names of mmdet 3.
class BoxHeadNet : public torch::nn::Module {
 public:
  explicit BoxHeadNet(ConvFCBBoxHead params);

  /// `regions` is (K, in_channels, s, s).
  BoxPrediction forward(const torch::Tensor& regions);

  /// loss_cls, acc and loss_bbox of the sampled proposals of all images. `pos_weight` is that of
  /// train_cfg.
  Losses losses(const BoxPrediction& predicted, const std::vector<SampledBoxes>& sampled,
                double pos_weight) const;

  /// The boxes of the next stage of a cascade, (K, 4): each region moved by the codes of its label
  /// (K), and cut at the border of the image.
  torch::Tensor refined(const torch::Tensor& boxes, const torch::Tensor& labels,
                        const torch::Tensor& codes, Size image) const;

  /// The detections in one image, best first. `boxes` (K, 4) are the regions, in pixels of the
  /// input, `logits` (K, num_classes + 1), `codes` as in BoxPrediction. `in_stored`: in pixels of
  /// the stored image.
  Detections detections(const torch::Tensor& boxes, const torch::Tensor& logits,
                        const torch::Tensor& codes, const DetDataSample& sample,
                        const RcnnTestCfg& test_cfg, bool in_stored) const;

 private:
  /// Convolutions and linear layers, one after the other.
  struct Branch {
    std::shared_ptr<ConvStack> convs = nullptr;
    std::vector<torch::nn::Linear> linear = {};
    std::int64_t channels = 0;  // of the output
    bool flat = false;          // the output has one value per channel
  };
  Branch make_branch(const std::string& prefix, int convs, int linear, std::int64_t channels,
                     bool flat);
  torch::Tensor flattened(const torch::Tensor& map) const;
  torch::Tensor through(Branch& branch, torch::Tensor flow) const;
  torch::nn::Linear make_last(const Branch& branch, std::int64_t channels, double std) const;

  ConvFCBBoxHead params_;
  Branch shared_ = {};
  Branch cls_ = {};
  Branch reg_ = {};
  torch::nn::Linear fc_cls_ = nullptr;
  torch::nn::Linear fc_reg_ = nullptr;
};

}  // namespace pinfeed
