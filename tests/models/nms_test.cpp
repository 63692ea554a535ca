// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/ops/batched_nms.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <vector>

namespace pinfeed {
namespace {

std::vector<std::int64_t> remaining(const torch::Tensor& boxes, std::vector<float> scores,
                                    std::vector<std::int64_t> labels, double threshold = 0.5) {
  const torch::Tensor indices = batched_nms({Nms{threshold}}, boxes.to(torch::kFloat32),
                                            torch::tensor(scores), torch::tensor(labels))
                                    .indices;
  return {indices.data_ptr<std::int64_t>(), indices.data_ptr<std::int64_t>() + indices.size(0)};
}

TEST(Nms, KeepsTheBestOfBoxesThatOverlapMoreThanTheThreshold) {
  const auto boxes = torch::tensor({{0, 0, 10, 10}, {0, 0, 10, 8}, {20, 0, 30, 10}});
  EXPECT_EQ(remaining(boxes, {0.5F, 0.9F, 0.7F}, {0, 0, 0}), (std::vector<std::int64_t>{1, 2}));
}

TEST(Nms, KeepsBoxesThatOverlapExactlyAsMuchAsTheThreshold) {
  const auto boxes = torch::tensor({{0, 0, 10, 10}, {0, 0, 10, 5}});
  EXPECT_EQ(remaining(boxes, {0.9F, 0.5F}, {0, 0}, 0.5), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(remaining(boxes, {0.9F, 0.5F}, {0, 0}, 0.49), (std::vector<std::int64_t>{0}));
}

TEST(Nms, ComparesOnlyBoxesOfOneLabel) {
  const auto boxes = torch::tensor({{0, 0, 10, 10}, {0, 0, 10, 10}});
  EXPECT_EQ(remaining(boxes, {0.5F, 0.9F}, {0, 1}), (std::vector<std::int64_t>{1, 0}));
}

TEST(Nms, ASuppressedBoxSuppressesNothing) {
  const auto boxes = torch::tensor({{0, 0, 10, 10}, {4, 0, 14, 10}, {8, 0, 18, 10}});
  EXPECT_EQ(remaining(boxes, {0.9F, 0.8F, 0.7F}, {0, 0, 0}, 0.3),
            (std::vector<std::int64_t>{0, 2}));
}

TEST(Nms, KeepsTheOrderOfEqualScores) {
  const auto boxes = torch::tensor({{0, 0, 1, 1}, {5, 5, 6, 6}, {9, 9, 10, 10}});
  EXPECT_EQ(remaining(boxes, {0.5F, 0.5F, 0.5F}, {0, 0, 0}), (std::vector<std::int64_t>{0, 1, 2}));
}

TEST(Nms, OfNothingIsNothing) { EXPECT_TRUE(remaining(torch::zeros({0, 4}), {}, {}).empty()); }

TEST(Nms, ComparesBoxesOfAllLabelsIfAsked) {
  const torch::Tensor boxes =
      torch::tensor({{0.0F, 0.0F, 10.0F, 10.0F}, {0.0F, 0.0F, 10.0F, 9.0F}});
  const Suppressed found =
      batched_nms({Nms{.iou_threshold = 0.5, .class_agnostic = true}}, boxes,
                  torch::tensor({0.5F, 0.9F}), torch::tensor({0, 1}, torch::kInt64));
  EXPECT_EQ(found.indices.size(0), 1);
  EXPECT_EQ(found.indices[0].item<std::int64_t>(), 1);
}

TEST(Nms, StopsAtTheLimit) {
  const torch::Tensor boxes = torch::arange(40).to(torch::kFloat).view({10, 4});
  const Suppressed found = batched_nms({Nms{0.5}}, boxes, torch::arange(10).to(torch::kFloat),
                                       torch::zeros({10}, torch::kLong), 3);
  EXPECT_TRUE(torch::equal(found.indices, torch::tensor({9, 8, 7}, torch::kInt64)));
}

// Two boxes of IoU 0.5 and one far away.
Suppressed softened(const SoftNms& params) {
  const torch::Tensor boxes = torch::tensor(
      {{0.0F, 0.0F, 10.0F, 10.0F}, {0.0F, 0.0F, 10.0F, 5.0F}, {20.0F, 20.0F, 30.0F, 30.0F}});
  return batched_nms({params}, boxes, torch::tensor({0.9F, 0.8F, 0.5F}),
                     torch::zeros({3}, torch::kLong));
}

TEST(SoftNms, LowersTheScoresOfOverlappingBoxes) {
  const Suppressed linear = softened({.iou_threshold = 0.3, .method = "linear"});
  EXPECT_TRUE(torch::equal(linear.indices, torch::tensor({0, 2, 1}, torch::kInt64)));
  EXPECT_TRUE(torch::allclose(linear.scores, torch::tensor({0.9F, 0.5F, 0.4F})));
  const Suppressed gaussian = softened({.sigma = 0.5, .method = "gaussian"});
  EXPECT_TRUE(
      torch::allclose(gaussian.scores, torch::tensor({0.9F, 0.5F, 0.8F * std::exp(-0.5F)})));
  EXPECT_EQ(softened({.iou_threshold = 0.6, .method = "linear"}).scores[1].item<float>(), 0.8F);
}

TEST(SoftNms, RemovesBoxesBelowTheSmallestScore) {
  EXPECT_EQ(softened({.iou_threshold = 0.3, .method = "naive"}).indices.size(0), 2);
  EXPECT_EQ(softened({.iou_threshold = 0.3, .min_score = 0.45, .method = "linear"}).indices.size(0),
            2);
}

}  // namespace
}  // namespace pinfeed
