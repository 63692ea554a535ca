// SPDX-License-Identifier: Apache-2.0
// GFL beside what golden_detectors_test.cpp compares: errors of configs, batches without objects,
// several ranks.
#include <gtest/gtest.h>

#include "pinfeed/config/read.h"
#include "pinfeed/models/all_reduce.h"
#include "pinfeed/models/build/make_model.h"
#include "pinfeed/models/task_modules/atss_assigner.h"
#include "tests/models/test_folder.h"

namespace pinfeed {
namespace {

const std::string gfl_text = R"(model = dict(
    type='mmdet.GFL',
    backbone=dict(type='ViT', patch_size=8, embed_dim=8, depth=1, num_heads=2,
                  img_size=32, pretrain_img_size=32),
    neck=dict(type='SimpleFPN', backbone_channel=8, in_channels=[2, 4, 8, 8], out_channels=8,
              num_outs=4, norm_cfg=dict(type='LN2d')),
    bbox_head=dict(type='GFLHead', num_classes=2, in_channels=8, feat_channels=8, stacked_convs=1,
                   norm_cfg=dict(type='GN', num_groups=2),
                   anchor_generator=dict(type='AnchorGenerator', octave_base_scale=4,
                                         scales_per_octave=1, ratios=[1.0], strides=[2, 4, 8, 16]),
                   loss_cls=dict(type='QualityFocalLoss', use_sigmoid=True, beta=2.0),
                   loss_bbox=dict(type='GIoULoss', loss_weight=2.0)),
    train_cfg=dict(assigner=dict(type='ATSSAssigner', topk=9),
                   allowed_border=-1, pos_weight=-1, debug=False),
    test_cfg=dict(nms_pre=100, score_thr=0.005, nms=dict(type='nms', iou_threshold=0.6),
                  max_per_img=10))
)";

std::shared_ptr<Model> gfl_of(std::string text, const std::string& from = "",
                              const std::string& to = "") {
  if (!from.empty()) text.replace(text.find(from), from.size(), to);
  return make_model(*read_config_text(text, "c.py").root.find("model"), "model");
}

std::string first_line_of_failure(const std::string& from, const std::string& to) {
  const std::string message = failure_of([&] { gfl_of(gfl_text, from, to); });
  return message.substr(0, message.find('\n'));
}

ModelInput images_with(const std::vector<torch::Tensor>& boxes) {
  torch::manual_seed(3);
  ModelInput input{.images = torch::randn({std::ssize(boxes), 3, 32, 32})};
  for (const torch::Tensor& truth : boxes) {
    input.data_samples.push_back({.boxes = truth,
                                  .labels = torch::zeros({truth.size(0)}, torch::kLong),
                                  .ignored_boxes = torch::empty({0, 4}),
                                  .ori_shape = {32, 32},
                                  .img_shape = {32, 32}});
  }
  return input;
}

const torch::Tensor no_boxes = torch::empty({0, 4});
const torch::Tensor large_box = torch::tensor({{4.0F, 4.0F, 28.0F, 24.0F}});
const torch::Tensor small_box = torch::tensor({{9.0F, 7.0F, 20.0F, 16.0F}});

TEST(Gfl, HasTheInitialWeightsOfMmdet) {
  torch::manual_seed(1);
  const auto parameters = gfl_of(gfl_text)->named_parameters();
  EXPECT_NEAR(parameters["bbox_head.gfl_reg.weight"].std().item<double>(), 0.01, 1e-3);
  EXPECT_EQ(parameters["bbox_head.gfl_reg.weight"].size(0), 4 * 17);
  EXPECT_EQ(parameters["bbox_head.gfl_reg.bias"].abs().sum().item<double>(), 0.0);
  EXPECT_NEAR(parameters["bbox_head.gfl_cls.bias"][0].item<double>(), -std::log(99.0), 1e-6);
  EXPECT_EQ(parameters["bbox_head.scales.3.scale"].item<double>(), 1.0);
}

TEST(Gfl, NamesWhatOfAConfigDoesNotFit) {
  EXPECT_EQ(first_line_of_failure("ratios=[1.0]", "ratios=[1.0, 2.0]"),
            "error: anchor_generator makes 2 anchors at each position; GFLHead has one");
  EXPECT_EQ(first_line_of_failure("type='GIoULoss'", "type='L1Loss'"),
            "error: loss_bbox compares codes of boxes; GFLHead compares boxes");
  EXPECT_EQ(first_line_of_failure("type='QualityFocalLoss', use_sigmoid=True, beta=2.0",
                                  "type='FocalLoss'"),
            "error: loss_cls cannot be of type 'FocalLoss'");
  EXPECT_EQ(first_line_of_failure("use_sigmoid=True, beta", "use_sigmoid=False, beta"),
            "error: use_sigmoid is False; this loss has only the sigmoid form");
  EXPECT_EQ(first_line_of_failure("strides=[2, 4, 8, 16]", "strides=[4, 8, 16, 32]"),
            "error: bbox_head.anchor_generator.strides is [4, 8, 16, 32]; the neck makes levels of "
            "strides [2, 4, 8, 16]");
  EXPECT_EQ(first_line_of_failure("allowed_border=-1",
                                  "sampler=dict(type='RandomSampler', num=8, pos_fraction=0.5), "
                                  "allowed_border=-1"),
            "error: sampler of GFLHead must be PseudoSampler: it uses all anchors");
}

TEST(Gfl, DetectsWithoutATrainCfgAndRefusesToTrain) {
  std::string text = gfl_text;
  const std::size_t first = text.find("    train_cfg");
  text.erase(first, text.find("    test_cfg") - first);
  const std::shared_ptr<Model> model = gfl_of(text);
  const torch::NoGradGuard no_gradients;
  ASSERT_EQ(model->predict(images_with({large_box})).size(), 1U);
  EXPECT_TRUE(failure_of([&] {
                model->losses(images_with({large_box}));
              }).starts_with("error: the model has no train_cfg to train with\n"));
}

TEST(Gfl, LearnsFromImagesWithoutObjects) {
  const std::shared_ptr<Model> model = gfl_of(gfl_text);
  torch::Tensor sum = torch::zeros({});
  for (const auto& [name, value] : model->losses(images_with({no_boxes, no_boxes}))) {
    EXPECT_EQ(value.item<double>() > 0, name == "loss_cls") << name;
    sum = sum + value;
  }
  sum.backward();
  for (const auto& parameter : model->named_parameters())
    EXPECT_TRUE(parameter.value().grad().defined()) << parameter.key();
}

// The mean of the losses of two ranks, which have one image each.
std::map<std::string, double> mean_of_ranks(Model& model, const ModelInput& both) {
  std::vector<torch::Tensor> numbers(2);
  std::map<std::string, double> means;
  for (const bool known : {false, true}) {
    for (std::int64_t rank = 0; rank < 2; ++rank) {
      const auto at = static_cast<std::size_t>(rank);
      const auto sum = [&](const torch::Tensor& own) {
        if (known) torch::Tensor(own).add_(numbers[1 - at]);
        if (!known) numbers[at] = own.clone();
      };
      set_all_reduce(model, {.sum = sum, .world_size = 2});
      const ModelInput one{.images = both.images.narrow(0, rank, 1),
                           .data_samples = {both.data_samples[at]}};
      for (const auto& [name, value] : model.losses(one))
        if (known) means[name] += value.item<double>() / 2;
    }
  }
  set_all_reduce(model, {});
  return means;
}

TEST(Gfl, HasTheLossesOfOneProcessOnSeveralRanks) {
  const std::shared_ptr<Model> model = gfl_of(gfl_text);
  // Certain classes: with sums below 1 upstream divides by 1 on each rank.
  const torch::NoGradGuard no_gradients;
  model->named_parameters()["bbox_head.gfl_cls.bias"].fill_(3.0);
  const ModelInput both = images_with({large_box, torch::cat({small_box, large_box})});
  const std::map<std::string, double> means = mean_of_ranks(*model, both);
  for (const auto& [name, value] : model->losses(both)) {
    EXPECT_GT(value.item<double>(), 0.0) << name;
    EXPECT_NEAR(means.at(name) / value.item<double>(), 1.0, 1e-5) << name;
  }
}

// Priors of 4 x 4 around the points (2, 2), (6, 2), (10, 2) ... of a level.
torch::Tensor row_of_priors(int count) {
  torch::Tensor priors = torch::empty({count, 4});
  for (int i = 0; i < count; ++i) {
    const auto left = static_cast<float>(4 * i);
    priors[i] = torch::tensor({left, 0.0F, left + 4, 4.0F});
  }
  return priors;
}

std::vector<std::int64_t> objects_of(const ATSSAssigner& params, int count,
                                     const DetDataSample& truth) {
  const torch::Tensor found = assigned(params, row_of_priors(count), {count}, truth);
  return {found.data_ptr<std::int64_t>(), found.data_ptr<std::int64_t>() + count};
}

TEST(AtssAssigner, TakesCandidatesWhoseOverlapStandsOut) {
  DetDataSample truth{.boxes = torch::tensor({{3.9F, 0.0F, 8.1F, 4.0F}}),
                      .labels = torch::zeros({1}, torch::kLong),
                      .ignored_boxes = torch::empty({0, 4})};
  EXPECT_EQ(objects_of({.topk = 3}, 5, truth), (std::vector<std::int64_t>{0, 1, 0, 0, 0}));
  // One candidate has no standard deviation, as upstream.
  EXPECT_EQ(objects_of({.topk = 1}, 5, truth), (std::vector<std::int64_t>{0, 0, 0, 0, 0}));
  truth.ignored_boxes = torch::tensor({{12.0F, 0.0F, 16.0F, 4.0F}});
  EXPECT_EQ(objects_of({.topk = 3, .ignore_iof_thr = 0.5}, 5, truth),
            (std::vector<std::int64_t>{0, 1, 0, -1, 0}));
  truth.boxes = no_boxes;
  EXPECT_EQ(objects_of({.topk = 3}, 5, truth), (std::vector<std::int64_t>{0, 0, 0, 0, 0}));
}

TEST(AtssAssigner, GivesAPriorToTheObjectWithTheLargestOverlap) {
  const DetDataSample truth{
      .boxes = torch::tensor(
          {{4.0F, 0.0F, 8.5F, 4.0F}, {4.0F, 0.0F, 8.0F, 4.0F}, {4.0F, 0.0F, 8.0F, 4.0F}}),
      .labels = torch::zeros({3}, torch::kLong),
      .ignored_boxes = torch::empty({0, 4})};
  EXPECT_EQ(objects_of({.topk = 3}, 4, truth), (std::vector<std::int64_t>{0, 2, 0, 0}));
}

}  // namespace
}  // namespace pinfeed
