// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/dense_heads/dense_layers.h"

#include <memory>
#include <string>

namespace pinfeed {

torch::nn::Conv2d normal_conv(std::int64_t in_channels, std::int64_t channels, std::int64_t kernel,
                              double bias) {
  torch::nn::Conv2d conv(
      torch::nn::Conv2dOptions(in_channels, channels, kernel).padding(kernel / 2));
  torch::nn::init::normal_(conv->weight, 0.0, 0.01);
  torch::nn::init::constant_(conv->bias, bias);
  return conv;
}

std::vector<torch::Tensor> register_scales(torch::nn::Module& head, std::size_t levels) {
  const auto list = head.register_module("scales", std::make_shared<torch::nn::Module>());
  std::vector<torch::Tensor> scales;
  for (std::size_t i = 0; i < levels; ++i) {
    const auto level =
        list->register_module(std::to_string(i), std::make_shared<torch::nn::Module>());
    scales.push_back(level->register_parameter("scale", torch::ones({})));
  }
  return scales;
}

}  // namespace pinfeed
