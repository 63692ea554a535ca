// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/layers/conv.h"

#include <string>

namespace pinfeed {

ConvNorm::ConvNorm(const ConvShape& shape) : relu_(shape.relu) {
  const auto options = torch::nn::Conv2dOptions(shape.in_channels, shape.channels, shape.kernel)
                           .padding(shape.kernel / 2)
                           .stride(shape.stride)
                           .bias(shape.bias);
  conv = register_module("conv", torch::nn::Conv2d(options));
  // mmcv's initialization of ConvModule.
  torch::nn::init::kaiming_normal_(conv->weight, 0.0, torch::kFanOut, torch::kReLU);
  if (shape.std > 0.0) torch::nn::init::normal_(conv->weight, 0.0, shape.std);
  if (shape.bias) torch::nn::init::zeros_(conv->bias);
  if (shape.groups > 0) {
    const auto norm = torch::nn::GroupNormOptions(shape.groups, shape.channels).eps(shape.eps);
    gn_ = register_module("gn", torch::nn::GroupNorm(norm));
  }
  if (shape.norm) {
    norm_.emplace(*this, norm_name(*shape.norm, ""), *shape.norm, shape.channels);
  }
  if (shape.channel_norm) {
    norm_layer_ =
        register_module("norm_layer", std::make_shared<ChannelNorm>(shape.channels, shape.eps));
  }
}

torch::Tensor ConvNorm::forward(const torch::Tensor& map) {
  torch::Tensor flow = conv->forward(map);
  if (gn_) flow = gn_->forward(flow);
  if (norm_) flow = norm_->forward(flow);
  if (norm_layer_) flow = norm_layer_->forward(flow);
  return relu_ ? torch::relu_(flow) : flow;
}

ConvShape tower_conv(std::int64_t in_channels, std::int64_t channels, bool bias,
                     const std::optional<OneOf<GN>>& norm) {
  ConvShape shape = {
      .in_channels = in_channels, .channels = channels, .bias = bias, .relu = true, .std = 0.01};
  if (norm) {
    shape.groups = norm->get().num_groups;
    shape.eps = norm->get().eps;
  }
  return shape;
}

ConvStack::ConvStack(int count, ConvShape shape) {
  for (int i = 0; i < count; ++i) {
    convs_.push_back(register_module(std::to_string(i), std::make_shared<ConvNorm>(shape)));
    shape.in_channels = shape.channels;
  }
}

torch::Tensor ConvStack::forward(torch::Tensor map) {
  for (const auto& conv : convs_) map = conv->forward(map);
  return map;
}

}  // namespace pinfeed
