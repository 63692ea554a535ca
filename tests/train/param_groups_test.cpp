// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/optim/param_groups.h"

#include <gtest/gtest.h>

#include <set>

#include "pinfeed/config/read.h"
#include "tests/models/small_mae.h"
#include "tests/train/line_model.h"

namespace pinfeed {
namespace {

// The names of a ViT detector: positions, patches, three blocks, a neck with a norm.
class NamedModel : public Model {
 public:
  NamedModel() {
    auto backbone = std::make_shared<torch::nn::Module>();
    backbone->register_parameter("pos_embed", torch::zeros({1, 5, 4}));
    auto patches = std::make_shared<torch::nn::Module>();
    patches->register_module("proj", torch::nn::Conv2d(torch::nn::Conv2dOptions(3, 4, 2)));
    backbone->register_module("patch_embed", patches);
    torch::nn::ModuleList blocks;
    for (int i = 0; i < 3; ++i) {
      auto block = std::make_shared<torch::nn::Module>();
      block->register_module("norm1", torch::nn::LayerNorm(std::vector<std::int64_t>{4}));
      block->register_module("fc", torch::nn::Linear(4, 4));
      blocks->push_back(block);
    }
    backbone->register_module("blocks", blocks);
    register_module("backbone", backbone);
    auto neck = std::make_shared<torch::nn::Module>();
    neck->register_module("norm", torch::nn::GroupNorm(1, 4));
    neck->register_module("depthwise",
                          torch::nn::Conv2d(torch::nn::Conv2dOptions(4, 4, 3).groups(4)));
    register_module("neck", neck);
  }
  Losses losses(const ModelInput&) override { return {}; }
  LayerDepth layer_depth(const std::string& name) const override {
    const std::size_t block = name.find("blocks.");
    if (block != std::string::npos) return {std::atoi(name.c_str() + block + 7) + 1, 13};
    const bool embedding = name.find("embed") != std::string::npos;
    return {embedding ? 0 : 12, 13};
  }
  bool has_weight_decay(const std::string& name) const override {
    return !name.ends_with("pos_embed") && name.find("norm1") == std::string::npos;
  }
};

OptimizerPlan plan(const std::string& wrapper) {
  return read_optim_wrapper(read_config_text("optim_wrapper = " + wrapper, "config.py").root);
}

std::map<std::string, GroupOptions> options_by_name(const std::string& wrapper) {
  std::map<std::string, GroupOptions> all;
  for (const ParamGroup& group : param_groups(plan(wrapper), NamedModel())) {
    for (const std::string& name : group.names) all[name] = group.options;
  }
  return all;
}

TEST(ParamGroups, AreOneWithoutRules) {
  const auto groups =
      param_groups(plan("dict(optimizer=dict(type='AdamW', lr=0.5))"), NamedModel());
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].names.size(), 19U);
  EXPECT_EQ(groups[0].options.lr, 0.5);
  EXPECT_EQ(groups[0].options.weight_decay, 0.01);  // torch's default of AdamW
}

TEST(ParamGroups, AreOnePerParameterInTheOrderOfTheModules) {
  const auto groups = param_groups(
      plan("dict(optimizer=dict(type='SGD', lr=1), paramwise_cfg=dict(bias_lr_mult=2))"),
      NamedModel());
  ASSERT_EQ(groups.size(), 19U);
  EXPECT_EQ(groups[0].names, (std::vector<std::string>{"backbone.pos_embed"}));
  EXPECT_EQ(groups[1].names, (std::vector<std::string>{"backbone.patch_embed.proj.weight"}));
  EXPECT_EQ(groups[18].names, (std::vector<std::string>{"neck.depthwise.bias"}));
}

TEST(ParamGroups, FollowTheParamwiseRules) {
  const auto all = options_by_name(
      "dict(optimizer=dict(type='AdamW', lr=1.0, weight_decay=0.5), "
      "paramwise_cfg=dict(bias_lr_mult=2, "
      "bias_decay_mult=0.25, norm_decay_mult=0, dwconv_decay_mult=0.5, flat_decay_mult=3))");
  EXPECT_EQ(all.at("backbone.blocks.0.fc.bias").lr, 2.0);
  EXPECT_EQ(all.at("backbone.blocks.0.fc.bias").weight_decay, 0.125);
  EXPECT_EQ(all.at("backbone.blocks.0.fc.weight").weight_decay, 0.5);
  EXPECT_EQ(all.at("backbone.blocks.0.norm1.bias").lr, 1.0);  // norms' biases are not "biases"
  EXPECT_EQ(all.at("backbone.blocks.0.norm1.bias").weight_decay, 0.0);
  EXPECT_EQ(all.at("neck.norm.weight").weight_decay, 0.0);
  EXPECT_EQ(all.at("neck.depthwise.weight").weight_decay, 0.25);
}

TEST(ParamGroups, PreferTheLongestCustomKeyToAllRules) {
  const auto all = options_by_name(
      "dict(optimizer=dict(type='AdamW', lr=1.0, weight_decay=0.5), "
      "paramwise_cfg=dict(norm_decay_mult=0, "
      "custom_keys={'backbone': dict(lr_mult=0.1), 'backbone.blocks.1': dict(lr_mult=0.5, "
      "decay_mult=4, "
      "eps=1e-3)}))");
  EXPECT_EQ(all.at("backbone.blocks.0.norm1.weight").lr, 0.1);
  EXPECT_EQ(all.at("backbone.blocks.0.norm1.weight").weight_decay, 0.5);
  EXPECT_EQ(all.at("backbone.blocks.1.norm1.weight").lr, 0.5);
  EXPECT_EQ(all.at("backbone.blocks.1.norm1.weight").weight_decay, 2.0);
  EXPECT_EQ(all.at("backbone.blocks.1.norm1.weight").eps, 1e-3);
  EXPECT_EQ(all.at("neck.norm.weight").weight_decay, 0.0);
}

TEST(ParamGroups, DecayByLayerAsMmdetDoes) {
  const auto groups = param_groups(
      plan(
          "dict(constructor='LayerDecayOptimizerConstructor', optimizer=dict(type='AdamW', lr=1.0, "
          "weight_decay=0.1), paramwise_cfg=dict(decay_rate=0.5, decay_type='layer_wise', "
          "num_layers=3))"),
      NamedModel());
  std::map<std::string, GroupOptions> all;
  for (const ParamGroup& group : groups) {
    for (const std::string& name : group.names) all[name] = group.options;
  }
  EXPECT_EQ(groups.size(), 9U);  // positions, patches, 2 for each block, the rest
  EXPECT_EQ(all.at("backbone.pos_embed").lr, 0.0625);
  EXPECT_EQ(all.at("backbone.pos_embed").weight_decay, 0.0);
  EXPECT_EQ(all.at("backbone.patch_embed.proj.bias").lr, 0.0625);
  EXPECT_EQ(all.at("backbone.patch_embed.proj.bias").weight_decay, 0.1);
  EXPECT_EQ(all.at("backbone.blocks.2.fc.weight").lr, 0.5);
  EXPECT_EQ(all.at("backbone.blocks.2.norm1.weight").weight_decay, 0.0);
  EXPECT_EQ(all.at("neck.norm.weight").lr, 1.0);
  EXPECT_EQ(all.at("neck.norm.weight").weight_decay, 0.1);
}

TEST(ParamGroups, DecayByLayerInEverySpelling) {
  const std::string start = "dict(optimizer=dict(type='AdamW', lr=1.0, weight_decay=0.1), ";
  const auto wanted = options_by_name(
      start +
      "constructor='LayerDecayOptimizerConstructor', paramwise_cfg=dict(decay_rate=0.5, "
      "num_layers=3))");
  for (const std::string constructor :
       {"LayerDecayOptimizerConstructor", "mmpose.LayerDecayOptimWrapperConstructor",
        "LearningRateDecayOptimWrapperConstructor"}) {
    const auto all = options_by_name(start + "constructor='" + constructor +
                                     "', paramwise_cfg=dict(num_layers=3, layer_decay_rate=0.5, "
                                     "layer_decay_type='layer_wise'))");
    for (const auto& [name, options] : wanted) {
      EXPECT_EQ(all.at(name).lr, options.lr) << name;
      EXPECT_EQ(all.at(name).weight_decay, options.weight_decay) << name;
    }
  }
  EXPECT_EQ(failure_of([&] {
              plan(start +
                   "constructor='LayerDecayOptimizerConstructor', "
                   "paramwise_cfg=dict(num_layers=3))");
            }).substr(0, 41),
            "error: layer-wise decay needs decay_rate\n");
}

TEST(ParamGroups, DecayNoVectorWithTheConstructorOfMmdet) {
  const auto all = options_by_name(
      "dict(optimizer=dict(type='AdamW', lr=1.0, weight_decay=0.1), "
      "constructor='LearningRateDecayOptimizerConstructor', "
      "paramwise_cfg=dict(num_layers=3, decay_rate=0.5, decay_type='layer_wise'))");
  EXPECT_EQ(all.at("backbone.blocks.2.fc.weight").lr, 0.5);
  EXPECT_EQ(all.at("backbone.blocks.2.fc.weight").weight_decay, 0.1);
  EXPECT_EQ(all.at("backbone.blocks.2.fc.bias").weight_decay, 0.0);
  EXPECT_EQ(all.at("neck.norm.weight").weight_decay, 0.0);
}

TEST(ParamGroups, DecayByTheModelsLayersAsMmpretrainDoes) {
  const auto all = options_by_name(
      "dict(constructor='mmpretrain.LearningRateDecayOptimWrapperConstructor', "
      "optimizer=dict(type='AdamW', "
      "lr=1e-3, weight_decay=0.05), paramwise_cfg=dict(layer_decay_rate=0.65, norm_decay_mult=0.0, "
      "custom_keys={'.pos_embed': dict(decay_mult=0.0)}))");
  // The groups of the reference run layer_decay_vit_b_finetune: 0.65 ^ (12 - layer).
  EXPECT_EQ(all.at("backbone.patch_embed.proj.weight").lr, 5.688009063105715e-06);
  EXPECT_EQ(all.at("backbone.blocks.0.fc.weight").lr, 8.750783174008792e-06);
  EXPECT_EQ(all.at("backbone.blocks.1.fc.weight").lr, 1.3462743344628912e-05);
  EXPECT_EQ(all.at("backbone.blocks.2.fc.weight").lr, 2.0711912837890633e-05);
  EXPECT_EQ(all.at("neck.norm.weight").lr, 1e-3);
  EXPECT_EQ(all.at("neck.norm.weight").weight_decay, 0.0);
  EXPECT_EQ(all.at("backbone.pos_embed").weight_decay, 0.0);
  EXPECT_EQ(all.at("backbone.blocks.2.fc.bias").weight_decay, 0.05);
}

// paramwise_cfg of mmpretrain's mae_vit-base-p16_8xb512-amp-coslr-300e_in1k.py.
constexpr auto mae_wrapper =
    "dict(optimizer=dict(type='AdamW', lr=1.0, weight_decay=0.05), paramwise_cfg=dict(custom_keys={"
    "'ln': dict(decay_mult=0.0), 'bias': dict(decay_mult=0.0), 'pos_embed': dict(decay_mult=0.), "
    "'mask_token': dict(decay_mult=0.), 'cls_token': dict(decay_mult=0.)}))";

TEST(ParamGroups, MatchUpstreamsNamesOfAMae) {
  const MaeNet model(small_mae());
  std::set<std::string> decayed;
  for (const ParamGroup& group : param_groups(plan(mae_wrapper), model)) {
    if (group.options.weight_decay > 0.0) decayed.insert(group.names.front());
  }
  EXPECT_EQ(decayed,
            (std::set<std::string>{
                "patch_embed.proj.weight", "blocks.0.attn.qkv.weight", "blocks.0.attn.proj.weight",
                "blocks.0.mlp.fc1.weight", "blocks.0.mlp.fc2.weight", "decoder_embed.weight",
                "decoder_blocks.0.attn.qkv.weight", "decoder_blocks.0.attn.proj.weight",
                "decoder_blocks.0.mlp.fc1.weight", "decoder_blocks.0.mlp.fc2.weight",
                "decoder_pred.weight"}));
  EXPECT_TRUE(warnings_of_groups(plan(mae_wrapper), model).empty());
}

TEST(ParamGroups, MatchPinfeedsNamesWhereUpstreamsDoNot) {
  const MaeNet model(small_mae());
  const auto wrapper = [](const std::string& key) {
    return "dict(optimizer=dict(type='AdamW', lr=1.0), paramwise_cfg=dict(custom_keys={'" + key +
           "': dict(lr_mult=0.5)}))";
  };
  std::map<std::string, std::set<std::string>> slower;
  for (const std::string key : {"norm1", "blocks", "backbone"}) {
    for (const ParamGroup& group : param_groups(plan(wrapper(key)), model)) {
      if (group.options.lr == 0.5) slower[key].insert(group.names.front());
    }
  }
  EXPECT_EQ(slower["norm1"], (std::set<std::string>{"blocks.0.norm1.weight", "blocks.0.norm1.bias",
                                                    "decoder_blocks.0.norm1.weight",
                                                    "decoder_blocks.0.norm1.bias"}));
  // mmpretrain's encoder has layers; only its decoder has blocks.
  EXPECT_EQ(slower["blocks"].size(), 12U);
  EXPECT_FALSE(slower["blocks"].contains("blocks.0.norm1.weight"));
  EXPECT_TRUE(slower["backbone"].contains("blocks.0.norm1.weight"));
  EXPECT_FALSE(slower["backbone"].contains("decoder_pred.weight"));
}

TEST(ParamGroups, WarnOfAKeyThatMatchesNothing) {
  const OptimizerPlan made = plan(
      "dict(optimizer=dict(type='SGD', lr=1), paramwise_cfg=dict(custom_keys={'absolute_pos': "
      "dict(lr_mult=0), 'pos_embed': dict(lr_mult=0)}))");
  EXPECT_EQ(warnings_of_groups(made, NamedModel()),
            (std::vector<std::string>{
                "optim_wrapper.paramwise_cfg.custom_keys: 'absolute_pos' is part of no parameter's "
                "name and changes nothing"}));
}

TEST(OptimWrapper, NeedsTheWeightDecayThatACustomKeyMultiplies) {
  const std::string keys = "custom_keys={'norm': dict(decay_mult=0.0)}";
  for (const std::string& rules :
       {"paramwise_cfg=dict(" + keys + ")",
        "constructor='LearningRateDecayOptimWrapperConstructor', "
        "paramwise_cfg=dict(layer_decay_rate=0.5, " +
            keys + ")",
        std::string("constructor='LearningRateDecayOptimWrapperConstructor', "
                    "paramwise_cfg=dict(layer_decay_rate=0.5, bias_decay_mult=0.0)")}) {
    const std::string failure =
        failure_of([&] { plan("dict(optimizer=dict(type='AdamW', lr=1), " + rules + ")"); });
    EXPECT_NE(failure.find("multiplies weight_decay, which the optimizer does not set"),
              std::string::npos)
        << failure;
  }
}

TEST(OptimWrapper, NeedsTheWeightDecayThatItMultiplies) {
  EXPECT_EQ(failure_of([] {
              plan("dict(optimizer=dict(type='SGD', lr=1), paramwise_cfg=dict(norm_decay_mult=0))");
            }),
            "error: norm_decay_mult multiplies weight_decay, which the optimizer does not set\n"
            "  --> config.py:1:70\n"
            "   | optim_wrapper = dict(optimizer=dict(type='SGD', lr=1), "
            "paramwise_cfg=dict(norm_decay_mult=0))\n"
            "   |                                                                      "
            "^^^^^^^^^^^^^^^^^^^^^^^\n"
            "   at optim_wrapper.paramwise_cfg\n"
            "help: write optimizer = dict(..., weight_decay=...)\n");
}

TEST(OptimWrapper, NamesTheNearestOptimizer) {
  EXPECT_EQ(failure_of([] { plan("dict(optimizer=dict(type='AdmaW'))"); }),
            "error: there is no optimizer 'AdmaW'\n"
            "  --> config.py:1:42\n"
            "   | optim_wrapper = dict(optimizer=dict(type='AdmaW'))\n"
            "   |                                          ^^^^^^^\n"
            "   at optim_wrapper.optimizer.type\n"
            "help: did you mean 'AdamW'? `pinfeed list optimizer` shows them all\n");
}

}  // namespace
}  // namespace pinfeed
