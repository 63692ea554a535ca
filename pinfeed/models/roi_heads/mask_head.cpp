// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, FCNMaskHead.
#include "pinfeed/models/roi_heads/mask_head.h"

#include <string>

#include "pinfeed/core/error.h"
#include "pinfeed/models/device_copies.h"
#include "pinfeed/models/losses/head_losses.h"
#include "pinfeed/models/roi_heads/bbox_head.h"
#include "pinfeed/models/roi_heads/mask_targets.h"

namespace pinfeed {
namespace {

template <class Layer>
void initialize(Layer& layer) {
  torch::nn::init::kaiming_normal_(layer->weight, 0.0, torch::kFanOut, torch::kReLU);
  torch::nn::init::zeros_(layer->bias);
}

const TruthMasks& masks_of(const DetDataSample& sample) {
  if (sample.masks) return *sample.masks;
  throw Error(ErrorKind::config, "the data samples have no masks for the mask head to learn from")
      .help("set with_mask=True in LoadAnnotations of train_dataloader");
}

}  // namespace

MaskHeadNet::MaskHeadNet(const FCNMaskHead& params) : params_(params) {
  convs_ = register_module(
      "convs", std::make_shared<ConvStack>(params.num_convs,
                                           roi_conv(params.in_channels, params.conv_out_channels,
                                                    params.conv_kernel_size, params.norm_cfg)));
  const int channels = params.num_convs > 0 ? params.conv_out_channels : params.in_channels;
  const int factor = params.upsample_cfg.get().scale_factor;
  upsample_ = register_module(
      "upsample", torch::nn::ConvTranspose2d(
                      torch::nn::ConvTranspose2dOptions(channels, params.conv_out_channels, factor)
                          .stride(factor)));
  const int classes = params.class_agnostic ? 1 : params.num_classes;
  conv_logits_ = register_module("conv_logits", torch::nn::Conv2d(torch::nn::Conv2dOptions(
                                                    params.conv_out_channels, classes, 1)));
  initialize(upsample_);
  initialize(conv_logits_);
}

torch::Tensor MaskHeadNet::forward(const torch::Tensor& regions) {
  return conv_logits_->forward(upsample_->forward(convs_->forward(regions)).relu_());
}

torch::Tensor MaskHeadNet::loss(const torch::Tensor& logits,
                                const std::vector<SampledBoxes>& sampled,
                                const std::vector<DetDataSample>& samples, int mask_size) const {
  std::vector<torch::Tensor> targets;
  std::vector<torch::Tensor> labels;
  for (std::size_t i = 0; i < sampled.size(); ++i) {
    targets.push_back(mask_targets(masks_of(samples[i]), sampled[i].positive_priors(),
                                   sampled[i].objects, mask_size));
    labels.push_back(sampled[i].truth_labels);
  }
  if (logits.size(0) == 0) return logits.to(torch::kFloat).sum();
  const torch::Tensor own = sent(torch::cat(labels), logits.device());
  return mask_loss(params_.loss_mask.get(), logits.to(torch::kFloat),
                   sent(torch::cat(targets), logits.device()),
                   params_.class_agnostic ? torch::zeros_like(own) : own);
}

torch::Tensor MaskHeadNet::of_labels(const torch::Tensor& probabilities,
                                     const torch::Tensor& labels) const {
  if (params_.class_agnostic) return probabilities.select(1, 0);
  const torch::Tensor own = sent(labels, probabilities.device());
  return probabilities.index({torch::arange(own.size(0), own.options()), own});
}

}  // namespace pinfeed
