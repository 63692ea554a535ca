// SPDX-License-Identifier: Apache-2.0
// Two-stage detectors from configs, and the errors of configs that do not fit together.
#include <gtest/gtest.h>

#include <limits>

#include "pinfeed/config/read.h"
#include "pinfeed/models/build/make_model.h"
#include "pinfeed/schemas/model_list.h"
#include "tests/models/test_folder.h"

namespace pinfeed {
namespace {

const std::string mask_rcnn_text = R"(model = dict(
    type='mmdet.MaskRCNN',
    backbone=dict(type='ViT', patch_size=8, embed_dim=8, depth=1, num_heads=2,
                  img_size=32, pretrain_img_size=32),
    neck=dict(type='SimpleFPN', backbone_channel=8, in_channels=[2, 4, 8, 8], out_channels=8,
              num_outs=4, norm_cfg=dict(type='LN2d')),
    rpn_head=dict(type='RPNHead', in_channels=8, feat_channels=8,
                  anchor_generator=dict(type='AnchorGenerator', scales=[4], ratios=[0.5, 1.0, 2.0],
                                        strides=[2, 4, 8, 16])),
    roi_head=dict(type='StandardRoIHead',
        bbox_roi_extractor=dict(type='SingleRoIExtractor', out_channels=8,
                                roi_layer=dict(type='RoIAlign', output_size=4, sampling_ratio=0),
                                featmap_strides=[2, 4, 8]),
        bbox_head=dict(type='Shared2FCBBoxHead', in_channels=8, fc_out_channels=8, roi_feat_size=4,
                       num_classes=2),
        mask_head=dict(type='FCNMaskHead', num_convs=1, in_channels=8, conv_out_channels=8,
                       num_classes=2)),
    train_cfg=dict(
        rpn=dict(assigner=dict(type='MaxIoUAssigner', pos_iou_thr=0.7, neg_iou_thr=0.3),
                 sampler=dict(type='RandomSampler', num=16, pos_fraction=0.5,
                              add_gt_as_proposals=False),
                 allowed_border=-1, pos_weight=-1, debug=False),
        rcnn=dict(assigner=dict(type='MaxIoUAssigner', pos_iou_thr=0.5, neg_iou_thr=0.5),
                  sampler=dict(type='RandomSampler', num=16, pos_fraction=0.25),
                  mask_size=8, pos_weight=-1, debug=False)),
    test_cfg=dict(
        rpn=dict(nms_pre=100, max_per_img=20, nms=dict(type='nms', iou_threshold=0.7)),
        rcnn=dict(score_thr=0.05, nms=dict(type='soft_nms', iou_threshold=0.5), max_per_img=10)))
)";

std::shared_ptr<Model> model_of(std::string text, const std::string& from = "",
                                const std::string& to = "") {
  if (!from.empty()) text.replace(text.find(from), from.size(), to);
  return make_model(*read_config_text(text, "c.py").root.find("model"), "model");
}

std::string error_of(const std::string& from, const std::string& to,
                     const std::string& text = mask_rcnn_text) {
  try {
    model_of(text, from, to);
  } catch (const Error& error) {
    const std::string message = error.message();
    return message.substr(0, message.find('\n'));
  }
  return "no error";
}

ModelInput two_images() {
  ModelInput input{.images = torch::randn({2, 3, 32, 32})};
  for (int i = 0; i < 2; ++i) {
    input.data_samples.push_back({.boxes = torch::tensor({{4.0F, 4.0F, 20.0F, 24.0F}}),
                                  .labels = torch::zeros({1}, torch::kLong),
                                  .ignored_boxes = torch::empty({0, 4}),
                                  .ori_shape = {32, 32},
                                  .img_shape = {32, 32}});
  }
  return input;
}

TEST(TwoStage, InitializesTheHeadsAsUpstream) {
  torch::manual_seed(1);
  const auto parameters = model_of(mask_rcnn_text)->named_parameters();
  EXPECT_NEAR(parameters["rpn_head.rpn_conv.weight"].std().item<double>(), 0.01, 2e-3);
  EXPECT_NEAR(parameters["roi_head.bbox_head.fc_reg.weight"].std().item<double>(), 0.001, 3e-4);
  EXPECT_NEAR(parameters["roi_head.bbox_head.fc_cls.weight"].std().item<double>(), 0.01, 3e-3);
  EXPECT_LT(parameters["roi_head.bbox_head.shared_fcs.0.weight"].abs().max().item<double>(), 0.211);
  EXPECT_EQ(parameters["roi_head.mask_head.upsample.bias"].abs().sum().item<double>(), 0.0);
}

TEST(TwoStage, NeedsMasksForAMaskHead) {
  const std::shared_ptr<Model> model = model_of(mask_rcnn_text);
  try {
    model->losses(two_images());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_EQ(error.text(), "the data samples have no masks for the mask head to learn from");
  }
}

TEST(TwoStage, DetectsWithoutATrainCfgAndRefusesToTrain) {
  std::string text = mask_rcnn_text;
  const std::size_t first = text.find("    train_cfg");
  text.erase(first, text.find("    test_cfg") - first);
  const std::shared_ptr<Model> model = model_of(text);
  const torch::NoGradGuard no_gradients;
  const std::vector<Detections> found = model->predict(two_images());
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].masks.size(), static_cast<std::size_t>(found[0].boxes.size(0)));
  EXPECT_EQ(failure_of([&] { model->losses(two_images()); }),
            "error: the model has no train_cfg to train with\n"
            "   at model.train_cfg\n"
            "help: give it the train_cfg of mmdet's config of this model: its assigners and "
            "samplers\n");
}

TEST(TwoStage, DetectsNothing) {
  const torch::NoGradGuard no_gradients;
  const std::shared_ptr<Model> model = model_of(mask_rcnn_text, "score_thr=0.05", "score_thr=1.0");
  model->eval();
  for (const Detections& found : model->predict(two_images())) {
    EXPECT_EQ(found.boxes.sizes(), (std::vector<std::int64_t>{0, 4}));
    EXPECT_TRUE(found.masks.empty());
  }
}

// Images without objects have no masks to learn: their loss is 0, and everything has a gradient.
TEST(TwoStage, LearnsFromImagesWithoutObjects) {
  const std::shared_ptr<Model> model = model_of(mask_rcnn_text);
  ModelInput input = two_images();
  for (DetDataSample& sample : input.data_samples) {
    sample.boxes = torch::empty({0, 4});
    sample.labels = torch::empty({0}, torch::kLong);
    sample.masks = std::make_shared<TruthMasks>();
  }
  torch::Tensor sum = torch::zeros({});
  for (const auto& [name, value] : model->losses(input)) {
    EXPECT_TRUE(value.isfinite().item<bool>()) << name;
    const bool of_objects =
        name.find("mask") != std::string::npos || name.find("bbox") != std::string::npos;
    if (of_objects) {
      EXPECT_EQ(value.item<double>(), 0.0) << name;
    }
    if (name.find("loss") != std::string::npos) sum = sum + value;
  }
  sum.backward();
  for (const auto& parameter : model->named_parameters()) {
    ASSERT_TRUE(parameter.value().grad().defined()) << parameter.key();
    EXPECT_TRUE(parameter.value().grad().isfinite().all().item<bool>()) << parameter.key();
  }
}

// The loss of the same step does not depend on torch's generator.
TEST(TwoStage, DrawsKeyedRandomNumbers) {
  const std::string from =
      "        mask_head=dict(type='FCNMaskHead', num_convs=1, in_channels=8, "
      "conv_out_channels=8,\n                       num_classes=2)),";
  torch::manual_seed(2);
  const std::shared_ptr<Model> model = model_of(mask_rcnn_text, from, "),");
  ModelInput input = two_images();
  const auto loss = [&](std::uint64_t iteration) {
    input.random = ModelRandom({.seed = 4, .iteration = iteration});
    return model->losses(input).front().second.item<double>();
  };
  const double want = loss(1);
  torch::manual_seed(77);
  EXPECT_EQ(loss(1), want);
  EXPECT_NE(loss(2), want);
}

TEST(TwoStage, NamesWhatDoesNotFit) {
  EXPECT_EQ(error_of("strides=[2, 4, 8, 16]", "strides=[4, 8, 16, 32]"),
            "error: rpn_head.anchor_generator.strides is [4, 8, 16, 32]; the neck makes levels of "
            "strides [2, 4, 8, 16]");
  EXPECT_EQ(
      error_of("featmap_strides=[2, 4, 8]", "featmap_strides=[4, 8]"),
      "error: roi_head.bbox_roi_extractor.featmap_strides is [4, 8]; the neck makes levels of "
      "strides [2, 4, 8, 16]");
  EXPECT_EQ(error_of("roi_feat_size=4", "roi_feat_size=7"),
            "error: roi_head.bbox_head.roi_feat_size is 7; roi_head.bbox_roi_extractor gives 4");
  EXPECT_EQ(error_of("mask_size=8", "mask_size=28"),
            "error: train_cfg.rcnn.mask_size is 28; the mask head predicts 8 x 8 cells");
  EXPECT_EQ(error_of("scales=[4], ", ""),
            "error: either scales, or octave_base_scale and scales_per_octave must be given, and "
            "not both");
  EXPECT_EQ(error_of("roi_feat_size=4,", "roi_feat_size=4, loss_bbox=dict(type='GIoULoss'),"),
            "error: loss_bbox compares boxes, the head predicts codes of boxes");
  EXPECT_EQ(error_of("type='StandardRoIHead',",
                     "type='CascadeRoIHead', num_stages=2, "
                     "stage_loss_weights=[1],"),
            "error: stage_loss_weights has 1 entries; num_stages is 2");
  EXPECT_EQ(error_of("'soft_nms'", "'hard_nms'"), "error: nms cannot be of type 'hard_nms'");
  EXPECT_EQ(error_of("in_channels=8, conv_out_channels", "in_channels=4, conv_out_channels"),
            "error: roi_head.mask_head.in_channels is 4; roi_head.mask_roi_extractor gives 8");
}

TEST(TwoStage, ComparesTheClassesOfItsHeads) {
  EXPECT_EQ(error_of("num_classes=2),\n        mask_head", "num_classes=3),\n        mask_head"),
            "error: roi_head.mask_head.num_classes is 2; roi_head.bbox_head.num_classes is 3");
  EXPECT_EQ(error_of("                       num_classes=2)),", "class_agnostic=True)),"),
            "no error");
  const std::string head =
      "dict(type='Shared2FCBBoxHead', in_channels=8, fc_out_channels=8, roi_feat_size=4, "
      "num_classes=";
  std::string text = mask_rcnn_text;
  const std::size_t first = text.find("bbox_head=dict");
  text.replace(first, text.find("mask_head=dict") - first,
               "bbox_head=[" + head + "2), " + head + "1)],\n        ");
  EXPECT_EQ(error_of("'StandardRoIHead',",
                     "'CascadeRoIHead', num_stages=2, stage_loss_weights=[1, 1],", text),
            "error: roi_head.bbox_head.num_classes is 1; that of the first stage is 2");
}

TEST(TwoStage, ChecksTheNumbersOfAnchors) {
  EXPECT_EQ(error_of("scales=[4]", "scales=[4, 0]"),
            "error: scales has 0; it must be greater than 0");
  EXPECT_EQ(error_of("scales=[4]", "scales=[4], base_sizes=[1, -2, 1, 1]"),
            "error: base_sizes has -2; it must be greater than 0");
  EXPECT_EQ(error_of("scales=[4]", "octave_base_scale=0, scales_per_octave=2"),
            "error: octave_base_scale has 0; it must be greater than 0");
}

TEST(TwoStage, NamesAnImageWithoutAnAnchor) {
  const std::shared_ptr<Model> model =
      model_of(mask_rcnn_text, "allowed_border=-1", "allowed_border=0");
  ModelInput input = two_images();
  input.data_samples[1].img_shape = {3, 2};
  input.data_samples[1].img_id = 12;
  input.data_samples[1].has_img_id = true;
  EXPECT_EQ(failure_of([&] { model->losses(input); }),
            "error: no anchor lies inside the image 12 of 3x2 pixels\n"
            "help: enlarge the images, or set allowed_border=-1 in train_cfg\n");
}

TEST(TwoStage, KnowsOneKindOfOverlapAndOfBox) {
  const std::string thresholds = "pos_iou_thr=0.5, neg_iou_thr=0.5";
  EXPECT_EQ(error_of(thresholds, thresholds + ", iou_calculator=dict(type='mmdet.BboxOverlaps2D')"),
            "no error");
  EXPECT_EQ(error_of(thresholds, thresholds + ", iou_calculator=dict(type='RBboxOverlaps2D')"),
            "error: iou_calculator cannot be of type 'RBboxOverlaps2D'");
  EXPECT_EQ(error_of(thresholds,
                     thresholds + ", iou_calculator=dict(type='BboxOverlaps2D', dtype='fp16')"),
            "error: BboxOverlaps2D does not support 'dtype': overlaps are computed in float32");
  EXPECT_EQ(error_of("roi_feat_size=4,", "roi_feat_size=4, predict_box_type='hbox',"), "no error");
  EXPECT_EQ(error_of("roi_feat_size=4,", "roi_feat_size=4, predict_box_type='rbox',"),
            "error: predict_box_type is 'rbox'; only horizontal boxes, 'hbox', are implemented");
}

TEST(TwoStage, ComparesClassesThatAreNotWrittenWithTheDataSet) {
  const auto counts = [](const std::string& text) {
    std::vector<std::pair<std::string, std::int64_t>> found;
    for (const ClassCount& head : class_counts(read_config_text(text, "c.py").root))
      found.emplace_back(head.path, head.count);
    return found;
  };
  std::string text = mask_rcnn_text;
  for (const std::string written : {",\n                       num_classes=2),",
                                    ",\n                       num_classes=2)),"}) {
    const std::size_t at = text.find(written);
    text.replace(at, written.size(), written.ends_with(")),") ? "))," : "),");
  }
  using Counts = std::vector<std::pair<std::string, std::int64_t>>;
  EXPECT_EQ(counts(mask_rcnn_text), (Counts{{"model.roi_head.bbox_head.num_classes", 2},
                                            {"model.roi_head.mask_head.num_classes", 2}}));
  EXPECT_EQ(counts(text), (Counts{{"model.roi_head.bbox_head.num_classes", 80},
                                  {"model.roi_head.mask_head.num_classes", 80}}));
}

// An RPN whose weights are NaN at one position of the first level.
TEST(TwoStage, DetectsInSpiteOfNumbersThatAreNotFinite) {
  const torch::NoGradGuard no_gradients;
  torch::manual_seed(3);
  const std::shared_ptr<Model> model = model_of(mask_rcnn_text);
  model->eval();
  ModelInput input = two_images();
  input.images[0][0][3][3] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<Detections> found = model->predict(input);
  for (const Detections& image : found) {
    EXPECT_TRUE(image.boxes.isfinite().all().item<bool>());
    EXPECT_TRUE(image.scores.isfinite().all().item<bool>());
  }
  EXPECT_GT(found[1].boxes.size(0), 0);
}

}  // namespace
}  // namespace pinfeed
