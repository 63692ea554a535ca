// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "pinfeed/models/dense_heads/detections.h"
#include "pinfeed/models/dense_heads/fcos_targets.h"
#include "pinfeed/models/losses/box_losses.h"
#include "tests/peak_memory.h"

namespace pinfeed {
namespace {

// Two levels over a 16 x 16 image: 4 x 4 points of stride 4, 2 x 2 of stride 8.
FCOSHead two_levels() {
  FCOSHead head;
  head.num_classes = 3;
  head.strides = {4, 8};
  head.regress_ranges = {{{-1, 6}, {6, 1e8}}};
  return head;
}

std::vector<torch::Tensor> two_maps() {
  return {torch::zeros({1, 1, 4, 4}), torch::zeros({1, 1, 2, 2})};
}

DetDataSample truth(const torch::Tensor& boxes, const torch::Tensor& labels) {
  return {.boxes = boxes.to(torch::kFloat32), .labels = labels.to(torch::kInt64)};
}

PointTargets assigned(const FCOSHead& head, const DetDataSample& target) {
  return point_targets(points_of(two_maps(), head), {target}, head);
}

TEST(Points, AreTheCentersOfTheirCells) {
  const Points points = points_of(two_maps(), two_levels());
  EXPECT_EQ(points.per_level, (std::vector<std::int64_t>{16, 4}));
  EXPECT_TRUE(torch::equal(points.centers[1], torch::tensor({6.0F, 2.0F})));
  EXPECT_TRUE(torch::equal(points.centers[18], torch::tensor({4.0F, 12.0F})));
}

TEST(PointTargets, AssignTheSmallestBoxOfTheLevel) {
  const auto boxes = torch::tensor({{0, 0, 8, 8}, {0, 0, 16, 16}});
  const PointTargets targets = assigned(two_levels(), truth(boxes, torch::tensor({0, 2})));
  // (2, 2): farthest side of the small box is 6 away, so both levels take it; the fine one has it.
  EXPECT_EQ(targets.labels[0][0].item<std::int64_t>(), 0);
  EXPECT_TRUE(torch::equal(targets.distances[0][0], torch::tensor({2.0F, 2.0F, 6.0F, 6.0F})));
  // (14, 14) lies only in the large box, which is too large for the fine level.
  EXPECT_EQ(targets.labels[0][15].item<std::int64_t>(), 3);
  // Of the coarse level, (4, 4) is 4 from the sides of the small box: too near, the large one fits.
  EXPECT_EQ(targets.labels[0][16].item<std::int64_t>(), 2);
  EXPECT_TRUE(torch::equal(targets.distances[0][16], torch::tensor({4.0F, 4.0F, 12.0F, 12.0F})));
}

TEST(PointTargets, UseOnlyPointsNearTheCenterWithCenterSampling) {
  FCOSHead head = two_levels();
  head.regress_ranges = {{{-1, 1e8}, {-1, 1e8}}};
  const DetDataSample target = truth(torch::tensor({{0, 0, 16, 16}}), torch::tensor({1}));
  EXPECT_EQ((assigned(head, target).labels == 1).sum().item<std::int64_t>(), 20);
  head.center_sampling = true;
  head.center_sample_radius = 1.0;  // 8 +- 4: points at 6 and 10; of the coarse level 8 +- 8
  EXPECT_EQ((assigned(head, target).labels == 1).sum().item<std::int64_t>(), 8);
}

// All pairs of a point and a box at once take 1.9 GB.
TEST(PointTargets, TakeLittleMemoryForManyBoxes) {
  FCOSHead head;
  head.num_classes = 3;
  head.center_sampling = true;
  std::vector<torch::Tensor> maps;
  for (const int stride : head.strides)
    maps.push_back(torch::zeros({2, 1, 1024 / stride, 1024 / stride}));
  torch::manual_seed(5);
  const torch::Tensor low = torch::rand({300, 2}) * 900;
  const torch::Tensor boxes = torch::cat({low, low + 4 + torch::rand({300, 2}) * 120}, 1);
  const DetDataSample many = truth(boxes, torch::arange(300).remainder(3));
  const DetDataSample none = truth(torch::zeros({0, 4}), torch::zeros({0}));
  const Points points = points_of(maps, head);
  PointTargets targets;
  EXPECT_LT(test::peak_memory_of([&] {
              targets = point_targets(points, {many, none}, head);
            }),
            std::size_t{150} << 20U);
  EXPECT_GT((targets.labels[0] < 3).sum().item<std::int64_t>(), 300);
  EXPECT_TRUE((targets.labels[1] == 3).all().item<bool>());
}

// The points are assigned in parts; the parts give what each point alone gives.
TEST(PointTargets, DoNotDependOnOtherPoints) {
  FCOSHead head = two_levels();
  head.strides = {4, 8};
  const std::vector<torch::Tensor> maps = {torch::zeros({1, 1, 64, 64}),
                                           torch::zeros({1, 1, 32, 32})};
  torch::manual_seed(6);
  const torch::Tensor low = torch::rand({200, 2}) * 200;
  const torch::Tensor boxes = torch::cat({low, low + 1 + torch::rand({200, 2}) * 40}, 1);
  const DetDataSample target = truth(boxes, torch::arange(200).remainder(3));
  const Points points = points_of(maps, head);
  const PointTargets all = point_targets(points, {target}, head);
  for (std::int64_t i = 0; i < points.centers.size(0); i += 97) {
    const Points one = {.centers = points.centers.narrow(0, i, 1),
                        .strides = points.strides.narrow(0, i, 1),
                        .ranges = points.ranges.narrow(0, i, 1)};
    const PointTargets alone = point_targets(one, {target}, head);
    EXPECT_TRUE(torch::equal(alone.labels[0][0], all.labels[0][i])) << i;
    EXPECT_TRUE(torch::equal(alone.distances[0][0], all.distances[0][i])) << i;
  }
}

TEST(PointTargets, AreAllBackgroundWithoutBoxes) {
  const PointTargets targets =
      assigned(two_levels(), truth(torch::zeros({0, 4}), torch::zeros({0})));
  EXPECT_TRUE((targets.labels == 3).all().item<bool>());
}

TEST(Centerness, IsOneInTheCenterAndFallsToTheSides) {
  const auto distances = torch::tensor({{3.0F, 3.0F, 3.0F, 3.0F}, {1.0F, 2.0F, 4.0F, 2.0F}});
  const torch::Tensor centered = centerness_of(distances);
  EXPECT_FLOAT_EQ(centered[0].item<float>(), 1.0F);
  EXPECT_FLOAT_EQ(centered[1].item<float>(), 0.5F);
}

TEST(FocalLoss, WeightsTheEntropyOfHardPoints) {
  const auto logits = torch::tensor({{0.0F, 2.0F}});
  const auto labels = torch::tensor({1}, torch::kInt64);
  const double p = 1 / (1 + std::exp(-2.0));
  const double want = 0.75 * 0.25 * std::log(2.0) + 0.25 * (1 - p) * (1 - p) * -std::log(p);
  EXPECT_NEAR(focal_losses({}, logits, labels).sum().item<double>(), want, 1e-6);
}

TEST(BoxLosses, MeasureTheOverlapOfBoxesAroundAPoint) {
  const auto a = torch::tensor({{1.0F, 1.0F, 1.0F, 1.0F}});  // 2 x 2
  const auto b = torch::tensor({{1.0F, 1.0F, 3.0F, 1.0F}});  // 4 x 2 around the same point
  EXPECT_NEAR(giou_losses(a, b, 1e-6).item<double>(), 0.5, 1e-6);
  EXPECT_NEAR(iou_losses({}, a, b).item<double>(), std::log(2.0), 1e-6);
  EXPECT_NEAR(iou_losses({.mode = "square"}, a, b).item<double>(), 0.75, 1e-6);
  const auto c = torch::tensor({{1.0F, 3.0F, 1.0F, 1.0F}});  // 2 x 4: union 12, enclosing box 4 x 4
  EXPECT_NEAR(giou_losses(b, c, 1e-6).item<double>(), 1 - (4.0 / 12 - 4.0 / 16), 1e-6);
}

// The outputs of a head: one level of 2 x 2 points of stride 8, logits and distances given.
struct HeadOutput {
  DenseTestCfg test_cfg = {.score_thr = 0.05};
  DensePrediction prediction = {};
  Points points = {};
};

HeadOutput output_with(const torch::Tensor& logits) {
  HeadOutput output;
  FCOSHead head = two_levels();
  head.strides = {8};
  head.regress_ranges = {{{-1, 1e8}}};
  output.points = points_of({torch::zeros({1, 1, 2, 2})}, head);
  output.prediction = {.classes = logits.unsqueeze(0),
                       .distances = torch::full({1, 4, 4}, 6.0F),
                       .centerness = torch::zeros({1, 4})};
  return output;
}

Detections detected(const HeadOutput& output, const DetDataSample& sample) {
  return detections_of(output.prediction, output.points, 0, sample, false, output.test_cfg);
}

TEST(Detections, AreDecodedClippedAndInPixelsOfTheStoredImage) {
  const HeadOutput output = output_with(torch::tensor(
      {{-9.0F, 2.0F, -9.0F}, {-9.0F, -9.0F, -9.0F}, {-9.0F, -9.0F, -9.0F}, {1.0F, -9.0F, -9.0F}}));
  const DetDataSample sample = {.img_shape = {16, 14}, .scale_width = 0.5, .scale_height = 2.0};
  const Detections found = detected(output, sample);
  ASSERT_EQ(found.boxes.size(0), 2);
  EXPECT_TRUE(torch::equal(found.labels, torch::tensor({1, 0}, torch::kInt64)));
  EXPECT_NEAR(found.scores[0].item<double>(), 0.5 / (1 + std::exp(-2.0)), 1e-6);
  EXPECT_TRUE(torch::equal(found.boxes[0], torch::tensor({0.0F, 0.0F, 20.0F, 5.0F})));
  EXPECT_TRUE(torch::equal(found.boxes[1], torch::tensor({12.0F, 3.0F, 32.0F, 7.0F})));
}

TEST(Detections, ObeyTheLimits) {
  HeadOutput output = output_with(torch::full({4, 3}, 2.0F));
  output.prediction.distances = torch::full({1, 4, 4}, 2.0F);  // no two points overlap
  const DetDataSample sample = {.img_shape = {16, 16}};
  EXPECT_EQ(detected(output, sample).boxes.size(0), 12);
  output.test_cfg.max_per_img = 5;
  EXPECT_EQ(detected(output, sample).boxes.size(0), 5);
  output.test_cfg.nms_pre = 2;
  EXPECT_EQ(detected(output, sample).boxes.size(0), 2);
  output.test_cfg.min_bbox_size = 4.0;  // boxes are 4 wide, not wider
  EXPECT_EQ(detected(output, sample).boxes.size(0), 0);
  output.test_cfg = {.score_thr = 0.9};
  EXPECT_EQ(detected(output, sample).boxes.size(0), 0);
}

}  // namespace
}  // namespace pinfeed
