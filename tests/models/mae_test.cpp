// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "tests/models/small_mae.h"

namespace pinfeed {
namespace {

TEST(Masking, TruncatesTheNumberOfVisiblePatches) {
  EXPECT_EQ(visible_patch_count(196, 0.75), 49);
  EXPECT_EQ(visible_patch_count(100, 0.9), 9);  // 100 * (1 - 0.9) is a little less than 10
  EXPECT_EQ(visible_patch_count(100, 0.0), 100);
}

TEST(Masking, MakesThePatchesWithTheLeastNoiseVisible) {
  const torch::Tensor noise = torch::tensor({{0.5F, 0.1F, 0.9F, 0.3F}, {0.0F, 0.2F, 0.1F, 0.4F}});
  const Masking mask = masking(noise, 0.5);
  EXPECT_TRUE(torch::equal(mask.visible, torch::tensor({{1, 3}, {0, 2}}, torch::kInt64)));
  EXPECT_TRUE(torch::equal(mask.masked, torch::tensor({{0, 2}, {1, 3}}, torch::kInt64)));
}

TEST(Patches, AreInRowsWithChannelsLast) {
  const torch::Tensor image = torch::arange(2 * 4 * 4).view({1, 2, 4, 4});
  const torch::Tensor patches = patchified(image, 2);
  ASSERT_EQ(patches.sizes(), (std::vector<std::int64_t>{1, 4, 8}));
  const auto second = torch::tensor({2, 18, 3, 19, 6, 22, 7, 23}, torch::kInt64);
  EXPECT_TRUE(torch::equal(patches[0][1], second));
}

TEST(SinCosPositions, EncodeTheColumnFirstAndTheClassTokenAsZeros) {
  const torch::Tensor table = sin_cos_positions(8, 2, 3);
  ASSERT_EQ(table.sizes(), (std::vector<std::int64_t>{1, 7, 8}));
  EXPECT_EQ(table[0][0].abs().sum().item<float>(), 0.0F);
  // Token 1 + 1 * 3 + 2 lies in row 1, column 2; the frequencies of a half of 4 channels are 1,
  // 0.01.
  const std::vector<double> want = {std::sin(2.0), std::sin(0.02), std::cos(2.0), std::cos(0.02),
                                    std::sin(1.0), std::sin(0.01), std::cos(1.0), std::cos(0.01)};
  for (std::int64_t i = 0; i < 8; ++i) {
    EXPECT_NEAR(table[0][6][i].item<double>(), want[static_cast<std::size_t>(i)], 1e-7) << i;
  }
}

TEST(Mae, ReadsMaskedPatchesOnlyAsTarget) {
  torch::manual_seed(0);
  MaeNet net(small_mae());
  torch::Tensor images = torch::rand({1, 3, 32, 32}, torch::requires_grad());
  const torch::Tensor noise = torch::arange(16, torch::kFloat32).unsqueeze(0);
  net.loss(images, noise).backward();
  const torch::Tensor visible =
      images.grad().narrow(2, 0, 8);  // the first four patches, all in row 0
  EXPECT_GT(visible.abs().sum().item<float>(), 0.0F);

  const torch::Tensor changed = images.detach().clone();
  changed.narrow(2, 8, 24).mul_(3.0);  // a normalised target does not change by a factor
  const auto before = net.loss(images.detach(), noise).item<double>();
  EXPECT_NEAR(net.loss(changed, noise).item<double>(), before, 1e-3);
}

// Two processes with half of the batch each draw the masks, and the samples that skip a layer, of
// one process with the whole batch.
TEST(Mae, DrawsForThePositionInTheGlobalBatch) {
  torch::manual_seed(0);
  MAE params = small_mae(3);
  MAEViT backbone = params.backbone.get();
  backbone.drop_path_rate = 0.5;
  params.backbone = {backbone};
  MaeNet net(params);
  const auto loss = [&](const torch::Tensor& images, std::int64_t first, std::uint64_t iteration) {
    const ModelInput input = {
        .images = images,
        .random = ModelRandom({.seed = 7, .iteration = iteration, .first_position = first})};
    return net.losses(input)[0].second.item<double>();
  };
  const torch::Tensor images = torch::rand({8, 3, 32, 32});
  const double whole = loss(images, 0, 5);
  const double halves =
      (loss(images.narrow(0, 0, 4), 0, 5) + loss(images.narrow(0, 4, 4), 4, 5)) / 2;
  EXPECT_NEAR(halves, whole, 1e-6 * whole);
  EXPECT_EQ(loss(images, 0, 5), whole);
  EXPECT_GT(std::abs(loss(images, 0, 6) - whole), 1e-4 * whole);
}

TEST(Mae, HasTheNamesOfTheOriginalCheckpoints) {
  const MaeNet net(small_mae());
  const auto parameters = net.named_parameters();
  EXPECT_EQ(parameters["pos_embed"].sizes(), (std::vector<std::int64_t>{1, 17, 8}));
  EXPECT_EQ(parameters["patch_embed.proj.weight"].sizes(), (std::vector<std::int64_t>{8, 3, 8, 8}));
  EXPECT_EQ(parameters["blocks.0.attn.qkv.weight"].sizes(), (std::vector<std::int64_t>{24, 8}));
  EXPECT_EQ(parameters["decoder_pred.weight"].sizes(), (std::vector<std::int64_t>{192, 8}));
  EXPECT_FALSE(parameters["pos_embed"].requires_grad());
  EXPECT_TRUE(parameters.contains("decoder_blocks.0.mlp.fc1.bias"));
}

TEST(Mae, HasLayerDepthsForLayerDecay) {
  const MaeNet net(small_mae());
  EXPECT_EQ(net.layer_depth("patch_embed.proj.weight"), (LayerDepth{0, 3}));
  EXPECT_EQ(net.layer_depth("blocks.0.norm1.weight"), (LayerDepth{1, 3}));
  EXPECT_EQ(net.layer_depth("norm.weight"), (LayerDepth{2, 3}));
}

TEST(Mae, NamesTheImageSizeItNeeds) {
  MaeNet net(small_mae());
  try {
    net.losses({.images = torch::zeros({1, 3, 32, 64})});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(
        error.message(),
        "error: the images are 64x32; the MAE has img_size 32\n"
        "help: crop or resize in the pipeline, or set backbone.img_size and neck.num_patches\n");
  }
}

TEST(MaeNet, ShowsImagesVisiblePatchesAndReconstructions) {
  torch::manual_seed(4);
  MaeNet model(small_mae());
  model.eval();
  const torch::NoGradGuard no_gradients;
  const torch::Tensor images = torch::randn({2, 3, 32, 32});
  const std::vector<torch::Tensor> columns = model.pictures({.images = images});
  ASSERT_EQ(columns.size(), 3U);
  EXPECT_TRUE(torch::equal(columns[0], images));
  const torch::Tensor removed = patchified(columns[1], 8).abs().sum(2) == 0;
  EXPECT_EQ(removed[0].sum().item<std::int64_t>(), 16 - visible_patch_count(16, 0.75));
  const torch::Tensor kept = removed.logical_not().unsqueeze(2);
  EXPECT_TRUE(torch::equal(patchified(columns[2], 8) * kept, patchified(images, 8) * kept));
  EXPECT_GT((columns[2] - columns[1]).abs().sum().item<double>(), 0.0);
}

TEST(Patches, AreJoinedAgain) {
  const torch::Tensor images = torch::randn({2, 3, 12, 12});
  EXPECT_TRUE(torch::equal(unpatchified(patchified(images, 4), 4), images));
}

}  // namespace
}  // namespace pinfeed
