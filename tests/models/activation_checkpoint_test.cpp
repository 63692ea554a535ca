// SPDX-License-Identifier: Apache-2.0
// Activation checkpointing changes no bit of a training, and needs less memory.
#include "pinfeed/models/ops/activation_checkpoint.h"

#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>

#include "pinfeed/models/backbones/resnet.h"
#include "pinfeed/models/backbones/vit.h"
#include "tests/peak_memory.h"

namespace pinfeed {
namespace {

// What a training step of a backbone gives: outputs, gradients, buffers, and the next random
// number.
std::vector<torch::Tensor> results_of_step(Backbone& model, const torch::Tensor& images) {
  torch::manual_seed(5);
  model.train();
  std::vector<torch::Tensor> results;
  torch::Tensor sum = torch::zeros({});
  for (const torch::Tensor& map : model.forward(images, {})) {
    results.push_back(map.detach().clone());
    sum = sum + (map.to(torch::kFloat) * torch::randn(map.sizes())).sum();
  }
  sum.backward();
  for (const torch::Tensor& parameter : model.parameters())
    results.push_back(parameter.grad().defined() ? parameter.grad() : torch::zeros({}));
  for (const torch::Tensor& buffer : model.buffers()) results.push_back(buffer.clone());
  results.push_back(torch::rand({1}));
  return results;
}

template <class Net, class Params>
void expect_same_step(const Params& plain, const Params& checkpointed,
                      const torch::Tensor& images) {
  torch::manual_seed(3);
  const auto kept = std::make_shared<Net>(plain);
  torch::manual_seed(3);
  const auto recomputed = std::make_shared<Net>(checkpointed);
  const std::vector<torch::Tensor> want = results_of_step(*kept, images);
  const std::vector<torch::Tensor> have = results_of_step(*recomputed, images);
  ASSERT_EQ(have.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) EXPECT_TRUE(torch::equal(have[i], want[i])) << i;
}

ViT small_vit() {
  ViT params;
  params.img_size = params.pretrain_img_size = 64;
  params.patch_size = 8;
  params.embed_dim = 32;
  params.depth = 4;
  params.num_heads = 2;
  params.use_rel_pos = true;
  params.rel_pos_zero_init = false;
  params.drop_path_rate = 0.5;
  return params;
}

TEST(ActivationCheckpoint, ChangesNoBitOfAViTWithDropPath) {
  ViT params = small_vit();
  params.use_act_checkpoint = true;
  torch::manual_seed(1);
  expect_same_step<VitNet>(small_vit(), params, torch::randn({4, 3, 64, 64}));
}

// The statistics of batch normalisation are updated once, and frozen stages have no gradients.
TEST(ActivationCheckpoint, ChangesNoBitOfAResNet) {
  ResNet params{.depth = 18, .base_channels = 8, .frozen_stages = 1, .norm_eval = false};
  ResNet checkpointed = params;
  checkpointed.with_cp = true;
  torch::manual_seed(1);
  expect_same_step<ResNetNet>(params, checkpointed, torch::randn({2, 3, 64, 64}));
}

TEST(ActivationCheckpoint, ComputesWithThePrecisionOfTheFirstTime) {
  torch::nn::Linear layer(8, 8);
  const torch::Tensor input = torch::randn({4, 8});
  const auto gradient = [&](bool checkpoint) {
    layer->zero_grad();
    at::autocast::set_autocast_enabled(torch::kCPU, true);
    at::autocast::set_autocast_dtype(torch::kCPU, torch::kBFloat16);
    const auto forward = [&](const at::Tensor& x) { return layer->forward(x); };
    const torch::Tensor output =
        checkpoint ? checkpointed(*layer, forward, input) : layer->forward(input);
    at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(torch::kCPU, false);
    EXPECT_EQ(output.scalar_type(), torch::kBFloat16);
    output.to(torch::kFloat).square().sum().backward();
    EXPECT_FALSE(at::autocast::is_autocast_enabled(torch::kCPU));
    return layer->weight.grad().clone();
  };
  EXPECT_TRUE(torch::equal(gradient(true), gradient(false)));
}

TEST(ActivationCheckpoint, OfALayerThatIsUsedTwiceAddsItsGradients) {
  torch::nn::Linear layer(3, 3);
  const torch::Tensor input = torch::randn({2, 3}, torch::requires_grad());
  const auto forward = [&](const at::Tensor& x) { return layer->forward(x).tanh(); };
  const auto gradients = [&](bool checkpoint) {
    const auto run = [&](const torch::Tensor& x) {
      return checkpoint ? checkpointed(*layer, forward, x) : forward(x);
    };
    return torch::autograd::grad({run(run(input)).sum()}, {input, layer->weight});
  };
  const auto want = gradients(false);
  const auto have = gradients(true);
  EXPECT_TRUE(torch::equal(have[0], want[0]));
  EXPECT_TRUE(torch::allclose(have[1], want[1]));
}

TEST(ActivationCheckpoint, WithoutGradientsKeepsNothing) {
  const torch::NoGradGuard no_gradients;
  torch::nn::Linear layer(3, 3);
  const auto forward = [&](const at::Tensor& x) { return layer->forward(x); };
  const torch::Tensor input = torch::randn({2, 3});
  const torch::Tensor output = checkpointed(*layer, forward, input);
  EXPECT_FALSE(output.requires_grad());
  EXPECT_TRUE(torch::equal(output, layer->forward(input)));
}

TEST(ActivationCheckpoint, NeedsLessMemory) {
  const torch::Tensor images = torch::randn({8, 3, 256, 256});
  const auto peak_of = [&](bool checkpoint) {
    ViT params = small_vit();
    params.img_size = params.pretrain_img_size = 256;
    params.depth = 8;
    params.use_rel_pos = false;
    params.use_act_checkpoint = checkpoint;
    const auto model = std::make_shared<VitNet>(params);
    return test::peak_memory_of([&] { model->forward(images, {})[0].sum().backward(); });
  };
  (void)peak_of(true);  // the first allocations of a process
  const std::size_t recomputed = peak_of(true);
  const std::size_t kept = peak_of(false);
  EXPECT_LT(recomputed, kept / 2) << recomputed << " and " << kept;
}

}  // namespace
}  // namespace pinfeed
