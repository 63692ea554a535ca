// SPDX-License-Identifier: Apache-2.0
// Building models, and the errors of configs that cannot be built.
#include <gtest/gtest.h>

#include "pinfeed/config/read.h"
#include "pinfeed/models/build/make_model.h"
#include "pinfeed/schemas/mae_schema.h"
#include "pinfeed/schemas/model_list.h"
#include "pinfeed/schemas/simple_fpn_schema.h"
#include "pinfeed/schemas/vit_schema.h"

namespace pinfeed {
namespace {

const std::string mae_text = R"(model = dict(
    type='mmpretrain.MAE',
    backbone=dict(
        type='MAEViT', img_size=32, patch_size=8,
        arch=dict(embed_dims=8, num_layers=1, num_heads=2, feedforward_channels=16)),
    neck=dict(
        type='MAEPretrainDecoder', num_patches=16, patch_size=8, embed_dim=8,
        decoder_embed_dim=8, decoder_depth=1, decoder_num_heads=2),
    head=dict(
        type='MAEPretrainHead', norm_pix=True, patch_size=8,
        loss=dict(type='PixelReconstructionLoss', criterion='L2')),
    init_cfg=[
        dict(type='Xavier', layer='Linear', distribution='uniform'),
        dict(type='Constant', layer='LayerNorm', val=1.0, bias=0.0)
    ])
)";

const std::string fcos_text = R"(model = dict(
    type='mmdet.FCOS',
    backbone=dict(type='ViT', patch_size=8, embed_dim=8, depth=1, num_heads=2,
                  img_size=32, pretrain_img_size=32),
    neck=dict(type='SimpleFPN', backbone_channel=8, in_channels=[2, 4, 8, 8], out_channels=8,
              num_outs=4, norm_cfg=dict(type='LN2d')),
    bbox_head=dict(type='FCOSHead', num_classes=2, in_channels=8, feat_channels=8, stacked_convs=1,
                   strides=[2, 4, 8, 16],
                   regress_ranges=((-1, 8), (8, 16), (16, 32), (32, 1e8)),
                   norm_cfg=dict(type='GN', num_groups=2)),
    test_cfg=dict(nms_pre=100, score_thr=0.05, nms=dict(type='nms', iou_threshold=0.5),
                  max_per_img=10))
)";

std::shared_ptr<Model> built(std::string text, const std::string& from = "",
                             const std::string& to = "") {
  if (!from.empty()) text.replace(text.find(from), from.size(), to);
  return make_model(*read_config_text(text, "c.py").root.find("model"), "model");
}

std::string failure(const std::string& text, const std::string& from, const std::string& to) {
  try {
    built(text, from, to);
  } catch (const Error& error) {
    return error.message();
  }
  return "no error";
}

TEST(MakeModel, BuildsBothModelsWithAndWithoutAScope) {
  EXPECT_NE(built(mae_text), nullptr);
  EXPECT_NE(built(mae_text, "mmpretrain.MAE", "MAE"), nullptr);
  EXPECT_NE(built(fcos_text), nullptr);
  EXPECT_NE(built(fcos_text, "type='ViT'", "type='mmdet.ViT'"), nullptr);
}

TEST(MakeModel, GivesTheSameWeightsForTheSameSeed) {
  const auto weights = [](std::uint64_t seed) {
    torch::manual_seed(seed);
    return built(fcos_text)->named_parameters()["backbone.blocks.0.attn.qkv.weight"].clone();
  };
  EXPECT_TRUE(torch::equal(weights(3), weights(3)));
  EXPECT_FALSE(torch::equal(weights(3), weights(4)));
}

TEST(MakeModel, InitializesTheClassesAtOnePercent) {
  const auto parameters = built(fcos_text)->named_parameters();
  EXPECT_NEAR(parameters["bbox_head.conv_cls.bias"].sigmoid()[1].item<double>(), 0.01, 1e-6);
  EXPECT_NEAR(parameters["bbox_head.cls_convs.0.conv.weight"].std().item<double>(), 0.01, 2e-3);
  EXPECT_EQ(parameters["bbox_head.scales.3.scale"].item<float>(), 1.0F);
}

TEST(MakeModel, NamesTheNearestModel) {
  EXPECT_EQ(failure(fcos_text, "mmdet.FCOS", "mmdet.FOCS"),
            "error: there is no model 'mmdet.FOCS'\n"
            "  --> c.py:2:10\n"
            "   |     type='mmdet.FOCS',\n"
            "   |          ^^^^^^^^^^^^\n"
            "   at model.type\n"
            "help: did you mean 'FCOS'? `pinfeed list model` shows them all\n");
}

TEST(MakeModel, NamesTheNearestKeyOfAPart) {
  EXPECT_EQ(failure(fcos_text, "num_heads=2", "num_head=2"),
            "error: ViT has no key 'num_head'\n"
            "  --> c.py:3:67\n"
            "   |     backbone=dict(type='ViT', patch_size=8, embed_dim=8, depth=1, num_head=2,\n"
            "   |                                                                   ^^^^^^^^\n"
            "   at model.backbone.num_head\n"
            "help: did you mean 'num_heads'? ViT takes: img_size, patch_size, in_chans, embed_dim, "
            "depth, "
            "num_heads, mlp_ratio, qkv_bias, drop_path_rate, norm_cfg, act_cfg, use_abs_pos, "
            "use_rel_pos, "
            "rel_pos_zero_init, window_size, window_block_indexes, pretrain_img_size, "
            "pretrain_use_cls_token, init_cfg, use_act_checkpoint\n");
}

TEST(MakeModel, ListsTheTypesThatAPartMayHave) {
  EXPECT_EQ(failure(fcos_text, "type='GN', num_groups=2", "type='BN'"),
            "error: norm_cfg cannot be of type 'BN'\n"
            "  --> c.py:10:39\n"
            "   |                    norm_cfg=dict(type='BN')),\n"
            "   |                                       ^^^^\n"
            "   at model.bbox_head.norm_cfg.type\n"
            "help: the types here are: GN\n");
}

TEST(MakeModel, ComparesTheStridesOfHeadAndNeck) {
  EXPECT_EQ(
      failure(fcos_text, "strides=[2, 4, 8, 16]", "strides=[4, 8, 16, 32]"),
      "error: bbox_head.strides is [4, 8, 16, 32]; the neck makes levels of strides [2, 4, 8, 16]\n"
      "  --> c.py:1:9\n"
      "   | model = dict(\n"
      "   |         ^^^^\n"
      "   at model\n"
      "help: strides follow from the backbone (of a ViT: patch_size / 4), start_level and "
      "num_outs\n");
}

TEST(MakeModel, RequiresARangeForEveryStride) {
  EXPECT_EQ(
      failure(fcos_text, ", (32, 1e8)", ""),
      "error: there are 4 strides and 3 regress_ranges; every level needs one of each\n"
      "  --> c.py:7:15\n"
      "   |     bbox_head=dict(type='FCOSHead', num_classes=2, in_channels=8, feat_channels=8, "
      "stacked_convs=1,\n"
      "   |               ^^^^\n"
      "   at model.bbox_head\n");
}

TEST(MakeModel, RefusesAnUnsupportedKeyWithTheReason) {
  EXPECT_EQ(
      failure(fcos_text, "stacked_convs=1", "dcn_on_last_conv=True"),
      "error: FCOSHead does not support 'dcn_on_last_conv': deformable convolutions are not "
      "implemented\n"
      "  --> c.py:7:84\n"
      "   |     bbox_head=dict(type='FCOSHead', num_classes=2, in_channels=8, feat_channels=8, "
      "dcn_on_last_conv=True,\n"
      "   |                                                                                    "
      "^^^^^^^^^^^^^^^^\n"
      "   at model.bbox_head.dcn_on_last_conv\n");
}

std::string first_line(const std::string& message) { return message.substr(0, message.find('\n')); }

TEST(MakeModel, ComparesTheSizesOfThePartsOfMae) {
  EXPECT_EQ(first_line(failure(mae_text, "num_patches=16", "num_patches=49")),
            "error: neck.num_patches is 49; the backbone's grid has 16");
  EXPECT_EQ(first_line(failure(mae_text, "img_size=32", "img_size=30")),
            "error: patch_size 8 does not divide img_size 30");
  EXPECT_EQ(first_line(failure(mae_text, "embed_dim=8", "embed_dim=16")),
            "error: neck.embed_dim is 16; the backbone's width is 8");
  EXPECT_EQ(
      first_line(failure(mae_text, "img_size=32", "mask_ratio=0.99, img_size=32")),
      "error: mask_ratio 0.99 keeps 0 of 16 patches; at least one must be kept and one removed");
  EXPECT_EQ(first_line(failure(mae_text, "'uniform'", "'normal'")),
            "error: MAE does not support this init_cfg");
  EXPECT_EQ(first_line(failure(mae_text, "'L2'", "'L3'")),
            "error: criterion is 'L3'; it must be 'L1' or 'L2'");
}

TEST(MakeModel, RefusesToDetectWithMae) {
  try {
    built(mae_text)->predict({});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.text(), "this model detects nothing, so it cannot be evaluated");
  }
}

// Without norm_cfg, the default of upstream's part; in a norm_cfg, that of mmcv.
TEST(NormCfg, HasTheEpsOfUpstream) {
  EXPECT_EQ(ViT{}.norm_cfg.get().eps, 1e-6);
  EXPECT_EQ(MAEViT{}.norm_cfg.get().eps, 1e-6);
  EXPECT_EQ(MAEPretrainDecoder{}.norm_cfg.get().eps, 1e-6);
  const auto read = [](const std::string& text, auto part) {
    const Value config = read_config_text(text, "c.py").root;
    return schema_of<decltype(part)>().parse(*config.find("part"), "part").norm_cfg.get().eps;
  };
  const std::string plain = "part = dict(type='P', norm_cfg=dict(type='LN', requires_grad=True))";
  EXPECT_EQ(read(plain, ViT{}), 1e-5);
  EXPECT_EQ(read(plain, MAEViT{}), 1e-5);
  EXPECT_EQ(read(plain, MAEPretrainDecoder{}), 1e-5);
  EXPECT_EQ(read("part = dict(type='P', backbone_channel=8, in_channels=[2, 4, 8, 8], "
                 "out_channels=4, num_outs=4, norm_cfg=dict(type='LN2d'))",
                 SimpleFPN{}),
            1e-5);
  EXPECT_EQ(read("part = dict(type='P', norm_cfg=dict(type='LN', eps=1e-3))", ViT{}), 1e-3);
}

TEST(ModelDocs, DescribeEveryKey) {
  for (const PartDoc& doc : model_docs()) {
    EXPECT_FALSE(doc.summary.empty()) << doc.name;
    for (const KeyDoc& key : doc.keys)
      EXPECT_FALSE(key.meaning.empty()) << doc.name << "." << key.name;
  }
}

}  // namespace
}  // namespace pinfeed
