// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, ResNet (BasicBlock, Bottleneck, ResLayer).
#include "pinfeed/models/backbones/resnet_blocks.h"

#include <string>

namespace pinfeed {
namespace {

using torch::nn::Conv2dOptions;

Conv2dOptions conv_options(std::int64_t in, std::int64_t out, std::int64_t kernel,
                           std::int64_t stride, std::int64_t dilation = 1) {
  return Conv2dOptions(in, out, kernel)
      .stride(stride)
      .padding(dilation * (kernel / 2))
      .dilation(dilation)
      .bias(false);
}

std::vector<Conv2dOptions> convolutions_of(const ResidualShape& shape) {
  const std::int64_t inner = shape.channels;
  if (!shape.bottleneck) {
    return {conv_options(shape.in_channels, inner, 3, shape.stride, shape.dilation),
            conv_options(inner, inner, 3, 1)};
  }
  return {conv_options(shape.in_channels, inner, 1, shape.caffe ? shape.stride : 1),
          conv_options(inner, inner, 3, shape.caffe ? 1 : shape.stride, shape.dilation),
          conv_options(inner, shape.out_channels(), 1, 1)};
}

}  // namespace

ResidualBlock::ResidualBlock(const ResidualShape& shape) {
  for (const Conv2dOptions& options : convolutions_of(shape))
    steps_.push_back(make_step(options, shape.norm));
  const std::int64_t out = shape.out_channels();
  if (shape.stride == 1 && shape.in_channels == out) return;
  const auto downsample = register_module("downsample", std::make_shared<torch::nn::Module>());
  shortcut_.conv = downsample->register_module(
      "0", torch::nn::Conv2d(conv_options(shape.in_channels, out, 1, shape.stride)));
  shortcut_.norm = MapNorm(*downsample, "1", shape.norm, out);
}

ResidualBlock::Step ResidualBlock::make_step(const Conv2dOptions& options, const MapNormCfg& norm) {
  const std::string number = std::to_string(steps_.size() + 1);
  Step step;
  step.conv = register_module("conv" + number, torch::nn::Conv2d(options));
  step.norm = MapNorm(*this, norm_name(norm, number), norm, options.out_channels());
  return step;
}

torch::Tensor ResidualBlock::forward(const torch::Tensor& map) {
  torch::Tensor flow = map;
  for (Step& step : steps_) {
    flow = step.norm.forward(step.conv->forward(flow));
    if (&step != &steps_.back()) flow = torch::relu_(flow);
  }
  const torch::Tensor beside =
      shortcut_.conv ? shortcut_.norm.forward(shortcut_.conv->forward(map)) : map;
  return flow.add_(beside).relu_();
}

void ResidualBlock::zero_last_norm() {
  const torch::NoGradGuard no_gradients;
  torch::Tensor weight = steps_.back().norm.weight();
  weight.zero_();
}

}  // namespace pinfeed
