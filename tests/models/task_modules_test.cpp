// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <set>

#include "pinfeed/models/task_modules/anchors.h"
#include "pinfeed/models/task_modules/assigner.h"
#include "pinfeed/models/task_modules/box_coder.h"
#include "pinfeed/models/task_modules/box_sampler.h"

namespace pinfeed {
namespace {

torch::Tensor boxes(const std::vector<std::array<float, 4>>& rows) {
  torch::Tensor result = torch::empty({std::ssize(rows), 4});
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t k = 0; k < 4; ++k)
      result[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(k)] = rows[i][k];
  return result;
}

DetDataSample objects(const std::vector<std::array<float, 4>>& rows) {
  return {.boxes = boxes(rows),
          .labels = torch::arange(std::ssize(rows)),
          .ignored_boxes = torch::empty({0, 4})};
}

std::vector<std::int64_t> numbers(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.contiguous();
  return {values.data_ptr<std::int64_t>(), values.data_ptr<std::int64_t>() + values.numel()};
}

// The examples of mmdet's documentation.
TEST(Anchors, AreCentredOnTheCornersOfCells) {
  const AnchorGenerator params{
      .strides = {16}, .ratios = {1.0}, .scales = {{1.0}}, .base_sizes = {{9.0}}};
  const Anchors anchors = anchors_of(params, {torch::zeros({1, 1, 2, 2})});
  EXPECT_TRUE(torch::allclose(anchors.boxes, boxes({{-4.5, -4.5, 4.5, 4.5},
                                                    {11.5, -4.5, 20.5, 4.5},
                                                    {-4.5, 11.5, 4.5, 20.5},
                                                    {11.5, 11.5, 20.5, 20.5}})));
}

TEST(Anchors, HaveTheScalesOfOctavesAndRatiosOfHeights) {
  const AnchorGenerator params{
      .strides = {8}, .ratios = {4.0}, .octave_base_scale = 4.0, .scales_per_octave = 2};
  const torch::Tensor found = anchors_of(params, {torch::zeros({1, 1, 1, 1})}).boxes;
  EXPECT_EQ(anchors_per_position(params), 2);
  EXPECT_FLOAT_EQ(found[0][2].item<float>(), 8.0F);   // width 32 / 2
  EXPECT_FLOAT_EQ(found[0][3].item<float>(), 32.0F);  // height 32 * 2
  EXPECT_NEAR(found[1][3].item<float>(), 45.2548, 1e-3);
}

TEST(Anchors, AreUsableInsideTheImageAndItsOwnPadding) {
  const AnchorGenerator params{.strides = {8}, .ratios = {1.0}, .scales = {{1.0}}};
  const std::vector<torch::Tensor> maps = {torch::zeros({1, 1, 2, 3})};
  const Anchors anchors = anchors_of(params, maps);
  const auto usable = [&](Size image, Size padded, int border) {
    return numbers(
        usable_anchors(params, anchors, maps, image, padded, border).nonzero().squeeze(1));
  };
  EXPECT_EQ(usable({24, 16}, {24, 16}, -1), (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(usable({10, 16}, {16, 16}, -1), (std::vector<std::int64_t>{0, 1, 3, 4}));
  EXPECT_EQ(usable({24, 16}, {24, 16}, 0), (std::vector<std::int64_t>{4, 5}));
}

TEST(BoxCoder, DecodesWhatItEncodes) {
  const DeltaXYWHBBoxCoder params{.target_means = {0.1, 0, 0, 0},
                                  .target_stds = {0.1, 0.1, 0.2, 0.2}};
  const torch::Tensor priors = boxes({{0, 0, 10, 20}, {5, 5, 9, 9}});
  const torch::Tensor truth = boxes({{1, 2, 12, 18}, {4, 6, 10, 8}});
  const torch::Tensor codes = encoded_boxes(params, priors, truth);
  EXPECT_TRUE(torch::allclose(decoded_boxes(params, priors, codes), truth, 1e-5, 1e-5));
}

// The example of mmdet's documentation.
TEST(BoxCoder, LimitsSizesAndBorders) {
  const torch::Tensor priors = boxes({{0, 0, 1, 1}, {0, 0, 1, 1}, {0, 0, 1, 1}, {5, 5, 5, 5}});
  const torch::Tensor codes =
      boxes({{0, 0, 0, 0}, {1, 1, 1, 1}, {0, 0, 2, -1}, {0.7F, -1.9F, -0.5F, 0.3F}});
  const torch::Tensor want = boxes({{0, 0, 1, 1},
                                    {0.1409F, 0.1409F, 2.8591F, 2.8591F},
                                    {0, 0.3161F, 4.1945F, 0.6839F},
                                    {5, 5, 5, 5}});
  EXPECT_TRUE(torch::allclose(decoded_boxes(DeltaXYWHBBoxCoder{}, priors, codes, {32, 32}), want,
                              1e-3, 1e-4));
  EXPECT_FLOAT_EQ(
      decoded_boxes(DeltaXYWHBBoxCoder{}, priors.narrow(0, 0, 1), boxes({{0, 0, 99, 0}}))[0][2]
          .item<float>(),
      0.5F + 31.25F);
}

TEST(BoxCoder, DecodesNothing) {
  const torch::Tensor found =
      decoded_boxes(DeltaXYWHBBoxCoder{}, torch::zeros({0, 4}), torch::zeros({0, 12}), {32, 32});
  EXPECT_EQ(found.sizes(), (std::vector<std::int64_t>{0, 12}));
}

TEST(BoxCoder, ClampsTheCentreIfAsked) {
  const DeltaXYWHBBoxCoder params{.add_ctr_clamp = true, .ctr_clamp = 2};
  const torch::Tensor found =
      decoded_boxes(params, boxes({{0, 0, 10, 10}}), boxes({{1, -1, 0, 0}}));
  EXPECT_TRUE(torch::allclose(found, boxes({{2, -2, 12, 8}})));
}

TEST(MaxIoUAssigner, AssignsByTheThresholds) {
  const MaxIoUAssigner params{.pos_iou_thr = 0.7, .neg_iou_thr = 0.3, .match_low_quality = false};
  const torch::Tensor priors =
      boxes({{0, 0, 10, 10}, {0, 0, 10, 5}, {50, 50, 60, 60}, {20, 20, 30, 30}});
  EXPECT_EQ(numbers(assigned(params, priors, objects({{20, 20, 30, 30}, {0, 0, 10, 10}}))),
            (std::vector<std::int64_t>{2, -1, 0, 1}));
  EXPECT_EQ(numbers(assigned(params, priors, objects({}))),
            (std::vector<std::int64_t>{0, 0, 0, 0}));
}

TEST(MaxIoUAssigner, GivesEveryObjectItsBestPriors) {
  const MaxIoUAssigner params{.pos_iou_thr = 0.7, .neg_iou_thr = 0.3, .min_pos_iou = 0.2};
  const torch::Tensor priors = boxes({{0, 0, 10, 5}, {0, 5, 10, 10}, {0, 0, 4, 4}});
  EXPECT_EQ(numbers(assigned(params, priors, objects({{0, 0, 10, 10}}))),
            (std::vector<std::int64_t>{1, 1, 0}));
}

TEST(MaxIoUAssigner, LeavesOutPriorsInIgnoredObjects) {
  MaxIoUAssigner params{.pos_iou_thr = 0.7, .neg_iou_thr = 0.3, .ignore_iof_thr = 0.5};
  DetDataSample truth = objects({{0, 0, 10, 10}});
  truth.ignored_boxes = boxes({{40, 40, 80, 80}});
  const torch::Tensor priors = boxes({{0, 0, 10, 10}, {50, 50, 60, 60}, {90, 90, 99, 99}});
  EXPECT_EQ(numbers(assigned(params, priors, truth)), (std::vector<std::int64_t>{1, -1, 0}));
  params.ignore_wrt_candidates = false;  // the ignored object lies in none of the priors
  EXPECT_EQ(numbers(assigned(params, priors, truth)), (std::vector<std::int64_t>{1, 0, 0}));
}

TEST(MaxIoUAssigner, TakesARangeOfNegatives) {
  const MaxIoUAssigner params{
      .pos_iou_thr = 0.5, .neg_iou_thr = std::array{0.1, 0.5}, .match_low_quality = false};
  const torch::Tensor priors = boxes({{0, 0, 10, 10}, {0, 0, 10, 3}, {30, 30, 40, 40}});
  EXPECT_EQ(numbers(assigned(params, priors, objects({{0, 0, 10, 10}}))),
            (std::vector<std::int64_t>{1, 0, -1}));
}

// So many pairs are compared in parts; a part gives what it gives alone, up to the best priors.
TEST(MaxIoUAssigner, DoesNotDependOnTheParts) {
  torch::manual_seed(4);
  const torch::Tensor low = torch::rand({40000, 2}) * 500;
  const torch::Tensor priors = torch::cat({low, low + 5 + torch::rand({40000, 2}) * 100}, 1);
  const torch::Tensor corner = torch::rand({60, 2}) * 500;
  const DetDataSample truth{
      .boxes = torch::cat({corner, corner + 5 + torch::rand({60, 2}) * 100}, 1),
      .labels = torch::zeros({60}, torch::kLong),
      .ignored_boxes = torch::empty({0, 4})};
  const MaxIoUAssigner params{.pos_iou_thr = 0.6, .neg_iou_thr = 0.3, .min_pos_iou = 0.3};
  const torch::Tensor found = assigned(params, priors, truth);
  const torch::Tensor overlaps = box_overlaps(truth.boxes, priors);
  const torch::Tensor best = overlaps.amax(1, true);
  const torch::Tensor own = (overlaps == best) & (best >= 0.3);
  const torch::Tensor number = (own * torch::arange(1, 61).unsqueeze(1)).amax(0);
  const auto [most, object] = overlaps.max(0);
  torch::Tensor want = torch::where(most < 0.3, 0, torch::where(most >= 0.6, object + 1, -1));
  want = torch::where(number > 0, number, want);
  EXPECT_TRUE(torch::equal(found, want));
}

const ModelRandom keyed_random({.seed = 3, .iteration = 5});

SampledBoxes sampled_of(const BoxSampler& params, const torch::Tensor& priors,
                        const torch::Tensor& assigned_objects, const DetDataSample& truth) {
  return sampled(params, priors, assigned_objects, read_counts(sample_counts(assigned_objects)),
                 truth, {keyed_random, 0, "head"});
}

TEST(RandomSampler, TakesAtMostTheFractionOfPositivesAndFillsUp) {
  const torch::Tensor priors = torch::arange(80).to(torch::kFloat).view({20, 4});
  const torch::Tensor assigned_objects =
      torch::cat({torch::ones({8}, torch::kLong), torch::zeros({12}, torch::kLong)});
  const DetDataSample truth = objects({{0, 0, 1, 1}});
  const SampledBoxes found =
      sampled_of({RandomSampler{.num = 8, .pos_fraction = 0.25, .add_gt_as_proposals = false}},
                 priors, assigned_objects, truth);
  EXPECT_EQ(found.positive.size(0), 2);
  EXPECT_EQ(found.negative.size(0), 6);
  EXPECT_EQ(found.divisor, 8);
  EXPECT_TRUE((found.positive < 8).all().item<bool>());
  EXPECT_TRUE((found.negative >= 8).all().item<bool>());
  EXPECT_TRUE(torch::equal(found.priors.narrow(0, 0, 2), priors.index_select(0, found.positive)));
}

TEST(RandomSampler, AddsTheTruthAndBoundsTheNegatives) {
  const torch::Tensor priors = torch::zeros({10, 4});
  const DetDataSample truth = objects({{0, 0, 1, 1}, {2, 2, 3, 3}});
  const SampledBoxes found =
      sampled_of({RandomSampler{.num = 10, .pos_fraction = 0.5, .neg_pos_ub = 2}}, priors,
                 torch::zeros({10}, torch::kLong), truth);
  EXPECT_EQ(numbers(found.objects), (std::vector<std::int64_t>{0, 1}));
  EXPECT_TRUE(found.is_truth.all().item<bool>());
  EXPECT_TRUE(torch::equal(found.positive_priors(), truth.boxes));
  EXPECT_EQ(found.negative.size(0), 4);
}

TEST(PseudoSampler, TakesAllAndCountsPositives) {
  const SampledBoxes found = sampled_of({PseudoSampler{}}, torch::zeros({4, 4}),
                                        torch::tensor({0, 1, -1, 0}), objects({{0, 0, 1, 1}}));
  EXPECT_EQ(numbers(found.positive), (std::vector<std::int64_t>{1}));
  EXPECT_EQ(numbers(found.negative), (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(found.divisor, 1);
}

TEST(ModelRandom, ChoosesDifferentNumbers) {
  const std::vector<std::int64_t> found = numbers(keyed_random.choose(1000, 900, 0, "head"));
  EXPECT_EQ(std::set<std::int64_t>(found.begin(), found.end()).size(), 900U);
  EXPECT_LT(*std::max_element(found.begin(), found.end()), 1000);
}

TEST(ModelRandom, DependsOnTheKeyTheSampleAndTheModuleOnly) {
  const auto chosen = [](const ModelRandom& random, std::int64_t sample, const char* module) {
    return numbers(random.choose(50, 10, sample, module));
  };
  const auto want = chosen(keyed_random, 1, "head");
  (void)chosen(keyed_random, 1, "other");
  EXPECT_EQ(chosen(keyed_random, 1, "head"), want);
  EXPECT_EQ(chosen(ModelRandom({.seed = 3, .iteration = 5, .first_position = 1}), 0, "head"), want);
  EXPECT_NE(chosen(keyed_random, 0, "head"), want);
  EXPECT_NE(chosen(keyed_random, 1, "other"), want);
  EXPECT_NE(chosen(ModelRandom({.seed = 4, .iteration = 5}), 1, "head"), want);
  EXPECT_NE(chosen(ModelRandom({.seed = 3, .iteration = 6}), 1, "head"), want);
}

TEST(ModelRandom, DrawsUniformNumbersForEachSample) {
  const auto drawn = [](std::int64_t first, std::int64_t samples) {
    return ModelRandom({.seed = 3, .iteration = 5, .first_position = first})
        .uniform({samples, 500, 2}, torch::kFloat32, "mask");
  };
  const torch::Tensor all = drawn(0, 4);
  EXPECT_TRUE(torch::equal(all.narrow(0, 1, 3), drawn(1, 3)));
  EXPECT_GE(all.min().item<float>(), 0.0F);
  EXPECT_LT(all.max().item<float>(), 1.0F);
  EXPECT_NEAR(all.mean().item<double>(), 0.5, 0.02);
  EXPECT_EQ(keyed_random.uniform({0, 5}, torch::kFloat64, "mask").sizes(),
            (std::vector<std::int64_t>{0, 5}));
}

TEST(ModelRandom, IsTorchsGeneratorWithoutAKey) {
  torch::manual_seed(9);
  const torch::Tensor want = torch::randperm(30, torch::kLong).narrow(0, 0, 4);
  torch::manual_seed(9);
  EXPECT_TRUE(torch::equal(ModelRandom().choose(30, 4, 0, "head"), want));
}

}  // namespace
}  // namespace pinfeed
