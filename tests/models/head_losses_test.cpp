// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/losses/head_losses.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <numbers>

namespace pinfeed {
namespace {

// Two boxes of 4 x 4 that share 2 x 2: IoU 4 / 28, enclosing box 6 x 6, centres 2 x 2 apart.
const torch::Tensor first_box = torch::tensor({{0.0F, 0.0F, 4.0F, 4.0F}});
const torch::Tensor second_box = torch::tensor({{2.0F, 2.0F, 6.0F, 6.0F}});
constexpr double shared_iou = 4.0 / 28.0;

double loss_of(const BoxLoss& loss, const torch::Tensor& a = first_box,
               const torch::Tensor& b = second_box, double divisor = 1.0) {
  return box_loss(loss, a, b, divisor).item<double>();
}

TEST(BoxLoss, OfCodesIsTheirDistance) {
  const torch::Tensor a = torch::tensor({{0.0F, 1.0F, 2.0F, 3.0F}});
  const torch::Tensor b = torch::tensor({{0.5F, 1.0F, 2.0F, 0.0F}});
  EXPECT_NEAR(loss_of({L1Loss{}}, a, b), 3.5, 1e-6);
  EXPECT_NEAR(loss_of({L1Loss{.loss_weight = 2.0}}, a, b, 7.0), 1.0, 1e-6);
  EXPECT_NEAR(loss_of({SmoothL1Loss{.beta = 1.0}}, a, b), 0.125 + 2.5, 1e-6);
}

TEST(BoxLoss, OfBoxesIsTheirOverlap) {
  EXPECT_NEAR(loss_of({IoULoss{}}), -std::log(shared_iou), 1e-5);
  EXPECT_NEAR(loss_of({IoULoss{.mode = "square"}}), 1 - shared_iou * shared_iou, 1e-5);
  EXPECT_NEAR(loss_of({GIoULoss{}}), 1 - (shared_iou - 8.0 / 36.0), 1e-5);
  EXPECT_NEAR(loss_of({DIoULoss{}}), 1 - (shared_iou - 8.0 / 72.0), 1e-5);
}

TEST(BoxLoss, OfShapesCountsWhenBoxesOverlapByHalf) {
  // 4 x 4 in 4 x 6: IoU 2 / 3, enclosing box 4 x 6, centres 1 apart.
  const torch::Tensor tall = torch::tensor({{0.0F, 0.0F, 4.0F, 6.0F}});
  const double iou = 2.0 / 3.0;
  const double turn = std::atan(4.0 / 6.0) - std::atan(1.0);
  const double shape = 4 / (std::numbers::pi * std::numbers::pi) * turn * turn;
  const double want = 1 - (iou - (1.0 / 52.0 + shape * shape / (1 - iou + shape)));
  EXPECT_NEAR(loss_of({CIoULoss{}}, first_box, tall), want, 1e-5);
  EXPECT_NEAR(loss_of({CIoULoss{}}), loss_of({DIoULoss{}}), 1e-6);  // IoU below one half
}

// Box losses are differentiated against numbers that are computed with doubles.
TEST(BoxLoss, HasTheGradientOfItsValue) {
  const std::vector<BoxLoss> all = {{L1Loss{}},   {SmoothL1Loss{}}, {IoULoss{}},
                                    {GIoULoss{}}, {DIoULoss{}},     {CIoULoss{}}};
  for (const BoxLoss& loss : all) {
    const torch::Tensor a =
        torch::tensor({{0.5, 0.25, 4.0, 5.0}}, torch::kDouble).requires_grad_(true);
    const torch::Tensor b = torch::tensor({{0.0, 0.0, 4.5, 4.0}}, torch::kDouble);
    box_loss(loss, a, b, 1.0).backward();
    for (int k = 0; k < 4; ++k) {
      torch::Tensor step = torch::zeros({1, 4}, torch::kDouble);
      step[0][k] = 1e-6;
      const torch::Tensor still = a.detach();
      const double slope = (loss_of(loss, still + step, b) - loss_of(loss, still - step, b)) / 2e-6;
      // The factor of CIoULoss is a constant, as upstream.
      const double tolerance = loss.as<CIoULoss>() != nullptr ? 0.02 : 1e-5;
      EXPECT_NEAR(a.grad()[0][k].item<double>(), slope, tolerance) << loss.part.index();
    }
  }
}

TEST(ClassLoss, WeightsRowsAndClasses) {
  const torch::Tensor logits = torch::tensor({{1.0F, 2.0F, 0.0F}, {0.0F, 0.0F, 0.0F}});
  const torch::Tensor labels = torch::tensor({1, 2}, torch::kInt64);
  const torch::Tensor weights = torch::tensor({2.0F, 1.0F});
  const double row = std::log(std::exp(1.0) + std::exp(2.0) + 1.0) - 2.0;
  const auto loss = [&](const CrossEntropyLoss& params) {
    return class_loss(params, logits, labels, weights, 2.0).item<double>();
  };
  EXPECT_NEAR(loss({}), (2 * row + std::log(3.0)) / 2, 1e-6);
  EXPECT_NEAR(loss({.class_weight = {{1.0, 3.0, 0.5}}}), (6 * row + 0.5 * std::log(3.0)) / 2, 1e-6);
}

TEST(ClassLoss, OfSigmoidsHasNoBackgroundClass) {
  const torch::Tensor logits = torch::tensor({{0.0F, 2.0F}, {1.0F, 0.0F}});
  const torch::Tensor labels = torch::tensor({1, 2}, torch::kInt64);
  const auto softplus = [](double x) { return std::log1p(std::exp(x)); };
  const double want = softplus(0) + softplus(-2) + softplus(1) + softplus(0);
  const torch::Tensor ones = torch::ones({2});
  EXPECT_NEAR(
      class_loss(CrossEntropyLoss{.use_sigmoid = true}, logits, labels, ones, 1.0).item<double>(),
      want, 1e-5);
  const torch::Tensor first_only = torch::tensor({1.0F, 0.0F});
  const double focal = class_loss(FocalLoss{}, logits, labels, first_only, 1.0).item<double>();
  const double p = 1 / (1 + std::exp(-2.0));
  EXPECT_NEAR(focal, 0.75 * 0.25 * std::log(2.0) - 0.25 * (1 - p) * (1 - p) * std::log(p), 1e-6);
}

// Of a row with a class, the class should have the probability 0.5, the other one 0.
TEST(QualityLoss, IsWeightedByTheDistanceFromTheQuality) {
  const torch::Tensor logits = torch::tensor({{0.0F, 2.0F}, {1.0F, 0.0F}});
  const torch::Tensor labels = torch::tensor({1, 2}, torch::kInt64);
  const torch::Tensor quality = torch::tensor({0.5F, 0.0F});
  const torch::Tensor weights = torch::tensor({1.0F, 3.0F});
  const auto softplus = [](double x) { return std::log1p(std::exp(x)); };
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  const double first = softplus(0) * 0.25 + (softplus(2) - 0.5 * 2) * std::pow(sigmoid(2) - 0.5, 2);
  const double second = softplus(1) * std::pow(sigmoid(1), 2) + softplus(0) * 0.25;
  const QualityFocalLoss params{.loss_weight = 0.5};
  EXPECT_NEAR(quality_loss(params, logits, labels, quality, weights, 2.0).item<double>(),
              0.5 * (first + 3 * second) / 2, 1e-6);
}

TEST(DistributionLoss, IsOfTheTwoNumbersAroundTheTarget) {
  const torch::Tensor logits = torch::tensor({{1.0F, 0.0F, 2.0F}, {0.0F, 0.0F, 0.0F}});
  const double all = std::log(std::exp(1.0) + 1.0 + std::exp(2.0));
  const double first = 0.75 * (all - 0.0) + 0.25 * (all - 2.0);  // target 1.25
  const torch::Tensor targets = torch::tensor({1.25F, 0.5F});
  const torch::Tensor weights = torch::tensor({2.0F, 1.0F});
  EXPECT_NEAR(distribution_loss({}, logits, targets, weights, 4.0).item<double>(),
              (2 * first + std::log(3.0)) / 4, 1e-6);
}

TEST(MaskLoss, IsOfTheOwnClass) {
  torch::Tensor logits = torch::full({2, 3, 2, 2}, 50.0F);
  logits[0][1].zero_();
  logits[1][2].zero_();
  const torch::Tensor labels = torch::tensor({1, 2}, torch::kInt64);
  const auto loss = mask_loss({.use_mask = true}, logits, torch::ones({2, 2, 2}), labels);
  EXPECT_NEAR(loss.item<double>(), std::log(2.0), 1e-6);
}

TEST(Accuracy, IsAPercentage) {
  const torch::Tensor logits =
      torch::tensor({{1.0F, 2.0F}, {3.0F, 0.0F}, {0.0F, 1.0F}, {5.0F, 1.0F}});
  EXPECT_FLOAT_EQ(accuracy_of(logits, torch::tensor({1, 1, 1, 1})).item<float>(), 50.0F);
  EXPECT_EQ(accuracy_of(torch::zeros({0, 2}), torch::zeros({0}, torch::kLong)).item<float>(), 0.0F);
}

}  // namespace
}  // namespace pinfeed
