// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.3.
#include "pinfeed/models/necks/simple_fpn.h"

namespace pinfeed {
namespace {

torch::nn::ConvTranspose2d upsampling_conv(std::int64_t in_channels, std::int64_t channels) {
  return torch::nn::ConvTranspose2d(
      torch::nn::ConvTranspose2dOptions(in_channels, channels, 2).stride(2));
}

// A container for children that are named by numbers, as in torch.nn.Sequential.
std::shared_ptr<torch::nn::Module> sequence() { return std::make_shared<torch::nn::Module>(); }

}  // namespace

FpnNet::FpnNet(const SimpleFPN& params) : levels_(params.num_outs), channels_(params.out_channels) {
  const std::int64_t width = params.backbone_channel;
  const std::int64_t out = params.out_channels;
  const double eps = params.norm_cfg.get().eps;
  const auto fpn1 = register_module("fpn1", sequence());
  up_ = fpn1->register_module("0", upsampling_conv(width, width / 2));
  up_norm_ = fpn1->register_module("1", std::make_shared<ChannelNorm>(width / 2, eps));
  up_again_ = fpn1->register_module("3", upsampling_conv(width / 2, width / 4));
  up_once_ =
      register_module("fpn2", sequence())->register_module("0", upsampling_conv(width, width / 2));
  const auto lateral = register_module("lateral_convs", sequence());
  const auto smooth = register_module("fpn_convs", sequence());
  for (const int channels : params.in_channels) {
    const std::string number = std::to_string(lateral_.size());
    const ConvShape narrow = {
        .in_channels = channels, .channels = out, .kernel = 1, .channel_norm = true, .eps = eps};
    const ConvShape wide = {
        .in_channels = out, .channels = out, .kernel = 3, .channel_norm = true, .eps = eps};
    lateral_.push_back(lateral->register_module(number, std::make_shared<ConvNorm>(narrow)));
    smooth_.push_back(smooth->register_module(number, std::make_shared<ConvNorm>(wide)));
  }
}

FeatureMaps FpnNet::scales(const torch::Tensor& map) {
  const torch::Tensor twice = torch::gelu(up_norm_->forward(up_->forward(map)));
  return {up_again_->forward(twice), up_once_->forward(map), map,
          torch::max_pool2d(map, {2, 2}, {2, 2})};
}

FeatureMaps FpnNet::forward(const FeatureMaps& maps) {
  FeatureMaps levels;
  for (const torch::Tensor& scale : scales(maps.front())) {
    const std::size_t i = levels.size();
    levels.push_back(smooth_[i]->forward(lateral_[i]->forward(scale)));
  }
  while (std::ssize(levels) < levels_)
    levels.push_back(torch::max_pool2d(levels.back(), {1, 1}, {2, 2}));
  return levels;
}

std::vector<std::int64_t> FpnNet::out_channels() const {
  return std::vector<std::int64_t>(static_cast<std::size_t>(levels_), channels_);
}

std::shared_ptr<Neck> make_neck(const SimpleFPN& params) {
  return std::make_shared<FpnNet>(params);
}

}  // namespace pinfeed
