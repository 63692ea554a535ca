// SPDX-License-Identifier: Apache-2.0
// What the goldens (golden_models_test.cpp) do not show of ResNet and FPN: frozen parts, modes,
// shapes, and the errors of configs.
#include "pinfeed/models/backbones/resnet.h"

#include <gtest/gtest.h>

#include "pinfeed/config/read.h"
#include "pinfeed/models/build/make_model.h"
#include "pinfeed/models/necks/fpn.h"
#include "tests/models/test_folder.h"

namespace pinfeed {
namespace {

ResNet resnet(int depth) { return {.depth = depth, .base_channels = 4}; }

std::int64_t count_of(const torch::nn::Module& module) {
  std::int64_t numbers = 0;
  for (const torch::Tensor& parameter : module.parameters()) numbers += parameter.numel();
  return numbers;
}

// The numbers of torchvision's models without their last layer.
TEST(ResNetNet, HasTheParametersOfEveryDepth) {
  const std::vector<std::pair<int, std::int64_t>> sizes = {
      {18, 11176512}, {34, 21284672}, {50, 23508032}, {101, 42500160}, {152, 58143808}};
  for (const auto& [depth, numbers] : sizes)
    EXPECT_EQ(count_of(ResNetNet({.depth = depth})), numbers) << depth;
}

TEST(ResNetNet, GivesTheMapsOfOutIndices) {
  ResNet params = resnet(50);
  params.out_indices = {1, 3};
  ResNetNet model(params);
  const FeatureMaps maps = model.forward(torch::zeros({2, 3, 64, 96}), {});
  ASSERT_EQ(maps.size(), 2U);
  EXPECT_EQ(maps[0].sizes(), (torch::IntArrayRef{2, 32, 8, 12}));
  EXPECT_EQ(maps[1].sizes(), (torch::IntArrayRef{2, 128, 2, 3}));
  EXPECT_EQ(output_shapes(params).strides, (std::vector<int>{8, 32}));
  EXPECT_EQ(model.out_channels(), (std::vector<std::int64_t>{32, 128}));
}

TEST(ResNetNet, FreezesTheStemAndTheFirstStages) {
  ResNet params = resnet(18);
  params.frozen_stages = 2;
  params.norm_eval = false;
  const auto made = std::make_shared<ResNetNet>(params);
  ResNetNet& model = *made;
  model.train();
  for (const auto& parameter : model.named_parameters()) {
    const bool frozen =
        parameter.key().starts_with("layer1.") || parameter.key().starts_with("layer2.") ||
        parameter.key().starts_with("conv1.") || parameter.key().starts_with("bn1.");
    EXPECT_EQ(parameter.value().requires_grad(), !frozen) << parameter.key();
  }
  EXPECT_FALSE(model.named_modules()["layer2.0.bn1"]->is_training());
  EXPECT_TRUE(model.named_modules()["layer3.0.bn1"]->is_training());
  model.eval();
  EXPECT_FALSE(model.named_modules()["layer3.0.bn1"]->is_training());
}

TEST(ResNetNet, KeepsTheStatisticsOfBatchNormWithNormEval) {
  ResNetNet model(resnet(18));
  model.train();
  const torch::Tensor before = model.named_buffers()["layer4.1.bn2.running_mean"].clone();
  model.forward(torch::randn({2, 3, 64, 64}), {});
  EXPECT_TRUE(torch::equal(model.named_buffers()["layer4.1.bn2.running_mean"], before));
  EXPECT_TRUE(model.named_parameters()["layer4.1.bn2.weight"].requires_grad());
}

TEST(ResNetNet, StartsBlocksAsTheirShortcuts) {
  EXPECT_EQ(ResNetNet(resnet(50)).named_parameters()["layer2.1.bn3.weight"].sum().item<float>(),
            0.0F);
  ResNet loaded = resnet(50);
  loaded.zero_init_residual = false;
  EXPECT_EQ(ResNetNet(loaded).named_parameters()["layer2.1.bn3.weight"].sum().item<float>(), 32.0F);
}

TEST(PyramidNet, SubsamplesForExtraLevels) {
  PyramidNet neck({.in_channels = {4, 8, 16}, .out_channels = 4, .num_outs = 5});
  const FeatureMaps maps = {torch::randn({1, 4, 16, 12}), torch::randn({1, 8, 8, 6}),
                            torch::randn({1, 16, 4, 3})};
  const FeatureMaps levels = neck.forward(maps);
  ASSERT_EQ(levels.size(), 5U);
  EXPECT_EQ(levels[4].sizes(), (torch::IntArrayRef{1, 4, 1, 1}));
  EXPECT_TRUE(torch::equal(levels[3], torch::max_pool2d(levels[2], {1, 1}, {2, 2})));
  EXPECT_EQ(neck.out_channels(), std::vector<std::int64_t>(5, 4));
}

const std::string config_text = R"(model = dict(
    type='FCOS',
    backbone=dict(type='mmdet.ResNet', depth=18, base_channels=4),
    neck=dict(type='FPN', in_channels=[4, 8, 16, 32], out_channels=8, start_level=1,
              add_extra_convs=True, num_outs=5),
    bbox_head=dict(type='FCOSHead', num_classes=2, in_channels=8, feat_channels=8,
                   strides=[8, 16, 32, 64, 128], norm_cfg=None),
    test_cfg=dict(nms=dict(type='nms', iou_threshold=0.5)))
)";

std::string failure(const std::string& from, const std::string& to) {
  std::string text = config_text;
  text.replace(text.find(from), from.size(), to);
  const std::string message =
      failure_of([&] { make_model(*read_config_text(text, "c.py").root.find("model"), "model"); });
  return message.substr(0, message.find('\n'));
}

TEST(ResNetConfig, IsCheckedAgainstTheNeckAndTheHead) {
  EXPECT_EQ(failure("FCOS'", "FCOS'"), "no error");
  EXPECT_EQ(
      failure("depth=18", "depth=50"),
      "error: neck.in_channels is [4, 8, 16, 32]; the backbone's maps have [16, 32, 64, 128]");
  EXPECT_EQ(failure("start_level=1", "start_level=0"),
            "error: bbox_head.strides is [8, 16, 32, 64, 128]; the neck makes levels of strides "
            "[4, 8, 16, 32, 64]");
}

TEST(ResNetConfig, NamesWhatIsWrong) {
  EXPECT_EQ(failure("depth=18", "depth=20"),
            "error: depth is 20; it must be 18, 34, 50, 101 or 152");
  EXPECT_EQ(failure("depth=18", "depth=18, out_indices=(0, 4)"),
            "error: out_indices has 4; the stages are 0 to 3");
  EXPECT_EQ(failure("depth=18", "depth=18, style='torch'"),
            "error: style is 'torch'; it must be 'pytorch' or 'caffe'");
  EXPECT_EQ(failure("depth=18", "depth=18, num_stages=3"),
            "error: strides has 4 entries; there are 3 stages");
  EXPECT_EQ(failure("num_outs=5", "num_outs=2"), "error: num_outs is 2; levels 1 to 3 make 3");
  EXPECT_EQ(failure("=True", "='on_lateral_output'"),
            "error: add_extra_convs is 'on_lateral_output'; it must be False, 'on_input', "
            "'on_lateral' or 'on_output'");
  EXPECT_EQ(failure("depth=18", "depth=18, dcn=dict(type='DCN')"),
            "error: ResNet does not support 'dcn': deformable convolutions are not implemented");
}

TEST(ResNetConfig, NamesTheFileToFetch) {
  unsetenv("PINFEED_WEIGHTS");
  EXPECT_EQ(failure("depth=18",
                    "depth=18, init_cfg=dict(type='Pretrained', "
                    "checkpoint='torchvision://resnet18')"),
            "error: cannot load torchvision://resnet18: pinfeed downloads nothing");
}

}  // namespace
}  // namespace pinfeed
