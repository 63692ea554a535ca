// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, ResNet.
#include "pinfeed/models/backbones/resnet.h"

#include <algorithm>
#include <string>

namespace pinfeed {

ResNetNet::ResNetNet(const ResNet& params) : params_(params) {
  const std::int64_t stem = params.stem_channels.value_or(params.base_channels);
  conv1_ = register_module(
      "conv1",
      torch::nn::Conv2d(
          torch::nn::Conv2dOptions(params.in_channels, stem, 7).stride(2).padding(3).bias(false)));
  norm1_ = MapNorm(*this, norm_name(params.norm_cfg, "1"), params.norm_cfg, stem);
  std::int64_t channels = stem;
  for (std::size_t i = 0; i < static_cast<std::size_t>(params.num_stages); ++i) {
    stages_.push_back(make_stage(i, channels));
    channels = (std::int64_t{params.base_channels} << i) * layout_of(params).expansion();
  }
  init_weights();
  for (const auto& part : frozen_parts()) {
    for (torch::Tensor& parameter : part->parameters()) parameter.requires_grad_(false);
  }
}

ResNetNet::Stage ResNetNet::make_stage(std::size_t index, std::int64_t in_channels) {
  const ResNetLayout layout = layout_of(params_);
  ResidualShape shape = {.in_channels = in_channels,
                         .channels = std::int64_t{params_.base_channels} << index,
                         .stride = params_.strides[index],
                         .dilation = params_.dilations[index],
                         .bottleneck = layout.bottleneck,
                         .caffe = params_.style == "caffe",
                         .norm = params_.norm_cfg};
  const auto blocks =
      register_module("layer" + std::to_string(index + 1), std::make_shared<torch::nn::Module>());
  Stage stage;
  for (int i = 0; i < layout.blocks[index]; ++i) {
    stage.push_back(
        blocks->register_module(std::to_string(i), std::make_shared<ResidualBlock>(shape)));
    shape.in_channels = shape.out_channels();
    shape.stride = 1;
  }
  return stage;
}

void ResNetNet::init_weights() {
  const torch::NoGradGuard no_gradients;
  for (const auto& module : modules(false)) {
    auto* conv = module->as<torch::nn::Conv2d>();
    if (conv != nullptr)
      torch::nn::init::kaiming_normal_(conv->weight, 0.0, torch::kFanOut, torch::kReLU);
  }
  if (!params_.zero_init_residual || params_.init_cfg || params_.pretrained) return;
  for (const Stage& stage : stages_) {
    for (const auto& block : stage) block->zero_last_norm();
  }
}

// The stem is conv1 and its normalisation; stages are layer1 to layer4.
std::vector<std::shared_ptr<torch::nn::Module>> ResNetNet::frozen_parts() const {
  std::vector<std::shared_ptr<torch::nn::Module>> parts;
  if (params_.frozen_stages < 0) return parts;
  const auto children = named_children();
  parts = {children["conv1"], children[norm_name(params_.norm_cfg, "1")]};
  for (int i = 1; i <= std::min(params_.frozen_stages, params_.num_stages); ++i)
    parts.push_back(children["layer" + std::to_string(i)]);
  return parts;
}

void ResNetNet::train(bool on) {
  Backbone::train(on);
  for (const auto& part : frozen_parts()) part->eval();
  if (!on || !params_.norm_eval) return;
  for (const auto& module : modules(false)) {
    if (module->as<torch::nn::BatchNorm2d>() != nullptr) module->eval();
  }
}

FeatureMaps ResNetNet::forward(const torch::Tensor& images, const ModelRandom&) {
  const torch::Tensor stem = norm1_.forward(conv1_->forward(images)).relu_();
  torch::Tensor flow = torch::max_pool2d(stem, {3, 3}, {2, 2}, {1, 1});
  FeatureMaps maps;
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    for (const auto& block : stages_[i]) flow = block->forward(flow);
    const auto& wanted = params_.out_indices;
    if (std::find(wanted.begin(), wanted.end(), static_cast<int>(i)) != wanted.end())
      maps.push_back(flow);
  }
  return maps;
}

std::vector<std::int64_t> ResNetNet::out_channels() const {
  const std::vector<int> channels = output_shapes(params_).channels;
  return {channels.begin(), channels.end()};
}

std::shared_ptr<Backbone> make_backbone(const ResNet& params) {
  return std::make_shared<ResNetNet>(params);
}

}  // namespace pinfeed
