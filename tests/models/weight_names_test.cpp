// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/weight_names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "pinfeed/formats/safetensors.h"
#include "pinfeed/models/torch_tensor.h"
#include "pinfeed/models/weights.h"
#include "tests/models/small_mae.h"
#include "tests/models/test_folder.h"

namespace pinfeed {
namespace {

TEST(MmpretrainNames, AreThoseOfItsMae) {
  const std::vector<std::pair<std::string, std::string>> names = {
      {"cls_token", "backbone.cls_token"},
      {"pos_embed", "backbone.pos_embed"},
      {"patch_embed.proj.bias", "backbone.patch_embed.projection.bias"},
      {"blocks.11.norm1.weight", "backbone.layers.11.ln1.weight"},
      {"blocks.0.attn.qkv.weight", "backbone.layers.0.attn.qkv.weight"},
      {"blocks.0.norm2.bias", "backbone.layers.0.ln2.bias"},
      {"blocks.0.mlp.fc1.weight", "backbone.layers.0.ffn.layers.0.0.weight"},
      {"blocks.0.mlp.fc2.weight", "backbone.layers.0.ffn.layers.1.weight"},
      {"norm.weight", "backbone.ln1.weight"},
      {"mask_token", "neck.mask_token"},
      {"decoder_embed.weight", "neck.decoder_embed.weight"},
      {"decoder_pos_embed", "neck.decoder_pos_embed"},
      {"decoder_blocks.7.norm1.bias", "neck.decoder_blocks.7.ln1.bias"},
      {"decoder_blocks.7.mlp.fc2.bias", "neck.decoder_blocks.7.ffn.layers.1.bias"},
      {"decoder_norm.weight", "neck.ln1.weight"},
      {"decoder_pred.bias", "neck.decoder_pred.bias"}};
  for (const auto& [ours, theirs] : names) {
    EXPECT_EQ(mmpretrain_name(ours), theirs);
    EXPECT_EQ(possible_names(theirs).back(), ours);
  }
}

TEST(NameIn, RenamesBetweenAllLayouts) {
  using Layout = NameLayout;
  const std::vector<std::map<Layout, std::string>> rows = {
      {{Layout::mae, "blocks.3.mlp.fc1.weight"},
       {Layout::timm, "blocks.3.mlp.fc1.weight"},
       {Layout::mmpretrain, "backbone.layers.3.ffn.layers.0.0.weight"},
       {Layout::mmdet, "backbone.blocks.3.mlp.fc1.weight"},
       {Layout::detectron2, "backbone.net.blocks.3.mlp.fc1.weight"}},
      {{Layout::mae, "cls_token"},
       {Layout::timm, "cls_token"},
       {Layout::mmpretrain, "backbone.cls_token"}},
      {{Layout::mae, "decoder_norm.bias"}, {Layout::mmpretrain, "neck.ln1.bias"}},
      {{Layout::mmdet, "backbone.blocks.0.attn.rel_pos_h"},
       {Layout::detectron2, "backbone.net.blocks.0.attn.rel_pos_h"}},
      {{Layout::mmdet, "neck.fpn1.3.weight"}, {Layout::detectron2, "backbone.simfp_2.3.weight"}},
      {{Layout::mmdet, "neck.lateral_convs.0.norm_layer.bias"},
       {Layout::detectron2, "backbone.simfp_2.4.norm.bias"}},
      {{Layout::mmdet, "neck.fpn_convs.3.conv.weight"},
       {Layout::detectron2, "backbone.simfp_5.2.weight"}}};
  for (const auto& row : rows) {
    for (const auto& [from, stored] : row) {
      for (const std::string& text : name_layouts()) {
        const Layout to = *name_layout(text);
        const auto want = row.contains(to) ? std::optional(row.at(to)) : std::nullopt;
        EXPECT_EQ(name_in(to, stored), want) << stored << " in " << text;
      }
    }
  }
  EXPECT_EQ(name_in(Layout::mmdet, "module.blocks.0.norm1.bias"), "backbone.blocks.0.norm1.bias");
  EXPECT_EQ(name_in(Layout::mmdet, "bbox_head.conv_cls.weight"), std::nullopt);
  EXPECT_EQ(name_in(Layout::mmdet, "layer1.0.conv1.weight"), std::nullopt);
}

TEST(PossibleNames, HaveTheNeckOfDetectron2) {
  const std::vector<std::string> names = possible_names("model.backbone.simfp_3.1.norm.weight");
  EXPECT_NE(std::find(names.begin(), names.end(), "neck.lateral_convs.1.norm_layer.weight"),
            names.end());
}

TEST(MmpretrainNames, LoadACheckpointWithItsDecoder) {
  const TestFolder folder;
  torch::manual_seed(1);
  const MaeNet source(small_mae(2));
  SafetensorsFile file;
  for (const auto& [name, tensor] : named_tensors(source)) {
    file.tensors.emplace_back(mmpretrain_name(name), from_torch(tensor.detach()));
  }
  write_safetensors(folder / "w.safetensors", file);
  torch::manual_seed(2);
  MaeNet target(small_mae(2));
  const WeightsReport report = load_weights(target, folder / "w.safetensors");
  EXPECT_EQ(report.loaded, file.tensors.size());
  EXPECT_TRUE(load_warnings(report, "w").empty());
  for (const auto& [name, tensor] : named_tensors(source)) {
    EXPECT_TRUE(torch::equal(named_tensors(target).at(name), tensor)) << name;
  }
}

TEST(MmpretrainNames, OfTheDecoderAreNotNeededByADetector) {
  const TestFolder folder;
  auto backbone = std::make_shared<torch::nn::Module>();
  backbone->register_parameter("pos_embed", torch::zeros({1, 5, 4}));
  auto detector = std::make_shared<torch::nn::Module>();
  detector->register_module("backbone", backbone);
  SafetensorsFile file;
  for (const char* name : {"neck.ln1.weight", "neck.mask_token", "backbone.ln1.weight"}) {
    file.tensors.emplace_back(name, from_torch(torch::zeros({4})));
  }
  file.tensors.emplace_back("backbone.pos_embed", from_torch(torch::ones({1, 5, 4})));
  file.tensors.emplace_back("neck.lateral_convs.0.conv.weight", from_torch(torch::ones({1})));
  write_safetensors(folder / "w.safetensors", file);
  const WeightsReport report = load_weights(*detector, folder / "w.safetensors");
  EXPECT_EQ(report.dropped.size(), 3U);
  EXPECT_EQ(report.unexpected, (std::vector<std::string>{"neck.lateral_convs.0.conv.weight"}));
}

}  // namespace
}  // namespace pinfeed
