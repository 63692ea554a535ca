// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/backbones/vit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "pinfeed/core/error.h"
#include "pinfeed/models/layers/blocks.h"
#include "pinfeed/models/necks/simple_fpn.h"

namespace pinfeed {
namespace {

ViT tiny_vit() {
  ViT params;
  params.img_size = 32;
  params.pretrain_img_size = 32;
  params.patch_size = 8;
  params.embed_dim = 8;
  params.depth = 2;
  params.num_heads = 2;
  return params;
}

std::vector<std::int64_t> shape(const torch::Tensor& tensor) { return tensor.sizes().vec(); }

TEST(Vit, GivesOneMapOfTheStrideOfItsPatches) {
  VitNet net(tiny_vit());
  const torch::Tensor map = net.forward(torch::rand({2, 3, 32, 48}), {}).front();
  EXPECT_EQ(shape(map), (std::vector<std::int64_t>{2, 8, 4, 6}));
  EXPECT_TRUE(map.is_contiguous(at::MemoryFormat::ChannelsLast));
}

TEST(Vit, WindowsThatCoverTheImageAreGlobalAttention) {
  torch::manual_seed(1);
  VitNet global(tiny_vit());
  ViT params = tiny_vit();
  params.window_size = 4;
  params.window_block_indexes = {0, 1};
  torch::manual_seed(1);
  VitNet windowed(params);
  const torch::Tensor images = torch::rand({2, 3, 32, 32});
  EXPECT_TRUE(
      torch::allclose(global.forward(images, {})[0], windowed.forward(images, {})[0], 1e-5, 1e-6));
}

TEST(Vit, ATokenOfAnotherWindowDoesNotMatter) {
  ViT params = tiny_vit();
  params.window_size = 2;
  params.window_block_indexes = {0, 1};
  VitNet net(params);
  const torch::Tensor images = torch::rand({1, 3, 32, 32});
  torch::Tensor changed = images.clone();
  changed.narrow(2, 16, 16).zero_();
  const torch::Tensor before = net.forward(images, {}).front();
  const torch::Tensor after = net.forward(changed, {}).front();
  EXPECT_TRUE(torch::equal(before.narrow(2, 0, 2), after.narrow(2, 0, 2)));
  EXPECT_FALSE(torch::equal(before.narrow(2, 2, 2), after.narrow(2, 2, 2)));
}

// softmax(q k / sqrt(d) + q R_h[qy - ky + S - 1] + q R_w[qx - kx + S - 1]) v, written out.
torch::Tensor attended_by_hand(Attention& attention, const torch::Tensor& grid,
                               std::int64_t heads) {
  const std::int64_t side = grid.size(1);
  const std::int64_t count = side * side;
  const auto parts = attention.qkv->forward(grid.flatten(1, 2))
                         .view({1, count, 3, heads, -1})
                         .permute({2, 0, 3, 1, 4})
                         .unbind(0);
  const double root = std::sqrt(static_cast<double>(parts[0].size(3)));
  torch::Tensor logits = torch::zeros({1, heads, count, count});
  for (std::int64_t q = 0; q < count; ++q) {
    for (std::int64_t k = 0; k < count; ++k) {
      const torch::Tensor query = parts[0].select(2, q);
      const torch::Tensor row = attention.rel_pos_h[q / side - k / side + side - 1];
      const torch::Tensor column = attention.rel_pos_w[q % side - k % side + side - 1];
      const torch::Tensor key = parts[1].select(2, k) / root + row + column;
      logits.select(2, q).select(2, k).copy_((query * key).sum(-1));
    }
  }
  const torch::Tensor mixed = torch::matmul(logits.softmax(-1), parts[2]);
  return attention.proj->forward(mixed.transpose(1, 2).flatten(2)).view_as(grid);
}

TEST(RelativePositions, AddUnscaledQueryTermsToTheLogits) {
  const torch::NoGradGuard no_grad;
  Attention attention({.channels = 8, .heads = 2, .rel_pos = 3});
  attention.rel_pos_h.normal_();
  attention.rel_pos_w.normal_();
  const torch::Tensor grid = torch::randn({1, 3, 3, 8});
  const torch::Tensor want = attended_by_hand(attention, grid, 2);
  EXPECT_TRUE(torch::allclose(attention.forward_grid(grid), want, 1e-5, 1e-5));
}

TEST(RelativePositions, AreResampledForAnotherLength) {
  const torch::Tensor table =
      torch::arange(5, torch::kFloat32).unsqueeze(1);  // stored for 3 tokens
  RelativeRows rows;
  const torch::Tensor same = rows(table, 3);
  EXPECT_EQ(same[0][0].item<float>(), 2.0F);
  EXPECT_EQ(same[2][0].item<float>(), 4.0F);
  const torch::Tensor longer = rows(table, 5);
  EXPECT_EQ(shape(longer), (std::vector<std::int64_t>{5, 5, 1}));
  EXPECT_FLOAT_EQ(longer[1][1].item<float>(), 2.0F);  // the middle stays the middle
  EXPECT_TRUE(torch::equal(rows(table, 3), same));
}

TEST(ResampleMatrix, EqualsTorchsFunctions) {
  torch::manual_seed(2);
  const torch::Tensor table = torch::rand({27, 16});
  const torch::Tensor line =
      torch::upsample_linear1d(table.t().unsqueeze(0), {9}, false).squeeze(0).t();
  ResampleMatrix linear(Resampling::linear);
  EXPECT_TRUE(torch::allclose(linear(table, 9), line, 0.0, 1e-6));
  const torch::Tensor grid = torch::rand({14, 14, 16});
  const torch::Tensor wide =
      torch::upsample_bicubic2d(grid.permute({2, 0, 1}).unsqueeze(0), {14, 23}, false);
  ResampleMatrix bicubic(Resampling::bicubic);
  const torch::Tensor columns = bicubic(grid.transpose(0, 1), 23);
  EXPECT_TRUE(torch::allclose(columns.permute({2, 1, 0}), wide.squeeze(0), 0.0, 1e-5));
}

// Whether a kind of operation is in the graph of a result.
bool computed_with(const torch::autograd::Node* node, const std::string& kind) {
  if (node == nullptr) return false;
  if (node->name().find(kind) != std::string::npos) return true;
  const auto& edges = node->next_edges();
  return std::any_of(edges.begin(), edges.end(), [&](const torch::autograd::Edge& edge) {
    return computed_with(edge.function.get(), kind);
  });
}

// softmax(q k / sqrt(d)) v, written out.
TEST(Attention, WithoutPositionsIsTheSoftmaxOfScaledProducts) {
  Attention attention({.channels = 8, .heads = 2});
  const torch::Tensor tokens = torch::randn({3, 5, 8});
  const auto parts =
      attention.qkv->forward(tokens).view({3, 5, 3, 2, 4}).permute({2, 0, 3, 1, 4}).unbind(0);
  const torch::Tensor logits = torch::matmul(parts[0], parts[1].transpose(2, 3)) / 2.0;
  const torch::Tensor mixed = torch::matmul(logits.softmax(-1), parts[2]);
  const torch::Tensor want = attention.proj->forward(mixed.transpose(1, 2).flatten(2));
  EXPECT_TRUE(torch::allclose(attention.forward(tokens), want, 1e-5, 1e-6));
  const torch::Tensor grid = torch::randn({1, 3, 4, 8});
  EXPECT_TRUE(torch::equal(attention.forward_grid(grid),
                           attention.forward(grid.flatten(1, 2)).view_as(grid)));
}

TEST(Attention, IsOneFusedOperationWithAndWithoutPositions) {
  const std::string fused = "ScaledDotProductFlashAttention";
  Attention plain({.channels = 8, .heads = 2});
  Attention positioned({.channels = 8, .heads = 2, .rel_pos = 3});
  const torch::Tensor grid = torch::randn({1, 3, 3, 8});
  EXPECT_TRUE(computed_with(plain.forward_grid(grid).grad_fn().get(), fused));
  EXPECT_TRUE(computed_with(plain.forward(grid.flatten(1, 2)).grad_fn().get(), fused));
  EXPECT_TRUE(computed_with(positioned.forward_grid(grid).grad_fn().get(), fused));
}

TEST(Vit, RefusesImagesThatPatchesDoNotCover) {
  VitNet net(tiny_vit());
  try {
    net.forward(torch::zeros({1, 3, 32, 36}), {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "error: the images are 36x32; patches of 8 do not cover them\n"
              "help: set data_preprocessor.pad_size_divisor to a multiple of the patch size\n");
  }
}

TEST(DropPath, GrowsLinearlyOverTheDepth) {
  EXPECT_EQ(drop_path_rates(0.4, 5), (std::vector<double>{0.0, 0.1, 0.2, 0.4 * 3 / 4, 0.4}));
  EXPECT_EQ(drop_path_rates(0.4, 1), (std::vector<double>{0.0}));
}

TEST(DropPath, SkipsWholeSamplesAndOnlyInTraining) {
  Block block({.channels = 4, .heads = 1, .hidden = 8, .drop_path = 0.99});
  const torch::Tensor tokens = torch::randn({8, 3, 4});
  torch::manual_seed(3);
  const torch::Tensor out = block.forward(tokens);
  const torch::Tensor untouched = (out == tokens).flatten(1).all(1);
  EXPECT_GE(untouched.sum().item<std::int64_t>(), 6);
  block.eval();
  EXPECT_FALSE((block.forward(tokens) == tokens).flatten(1).all(1).any().item<bool>());
}

TEST(SimpleFpn, MakesLevelsFromFourTimesToSubsampled) {
  SimpleFPN params;
  params.backbone_channel = 8;
  params.in_channels = {2, 4, 8, 8};
  params.out_channels = 6;
  params.num_outs = 5;
  params.norm_cfg = {LN2d{}};
  FpnNet net(params);
  const auto levels = net.forward({torch::rand({1, 8, 4, 6})});
  ASSERT_EQ(levels.size(), 5U);
  EXPECT_EQ(shape(levels[0]), (std::vector<std::int64_t>{1, 6, 16, 24}));
  EXPECT_EQ(shape(levels[3]), (std::vector<std::int64_t>{1, 6, 2, 3}));
  EXPECT_TRUE(torch::equal(levels[4], levels[3].slice(2, 0, 2, 2).slice(3, 0, 3, 2)));
  EXPECT_TRUE(net.named_parameters().contains("fpn1.3.weight"));
  EXPECT_TRUE(net.named_parameters().contains("lateral_convs.0.norm_layer.bias"));
}

// In bfloat16, 0.4999 is 0.5: the decision is made with the number itself.
TEST(BlockDropPath, DecidesInFloat32WhateverTheTypeOfTheTokens) {
  Block block({.channels = 8, .heads = 2, .hidden = 16, .drop_path = 0.5});
  block.to(torch::kBFloat16);
  block.train();
  const torch::Tensor tokens = torch::rand({2, 4, 8}).to(torch::kBFloat16);
  const torch::Tensor noise = torch::tensor({{0.4999F, 0.4999F}, {0.5F, 0.5F}});
  const torch::Tensor out = block.forward(tokens, noise);
  EXPECT_EQ(out.scalar_type(), torch::kBFloat16);
  EXPECT_TRUE(torch::equal(out[0], tokens[0]));
  EXPECT_FALSE(torch::equal(out[1], tokens[1]));
}

}  // namespace
}  // namespace pinfeed
