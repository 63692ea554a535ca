// SPDX-License-Identifier: Apache-2.0
// Targets of mask heads, and masks of detections.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <limits>

#include "pinfeed/models/ops/roi_align.h"
#include "pinfeed/models/roi_heads/mask_targets.h"
#include "pinfeed/models/roi_heads/paste_masks.h"
#include "pinfeed/models/torch_tensor.h"

namespace pinfeed {
namespace {

// Objects whose masks are single polygons.
std::shared_ptr<TruthMasks> truth_of(const std::vector<std::vector<double>>& polygons, Size size,
                                     bool as_polygons, std::vector<std::uint8_t> integral = {}) {
  auto truth = std::make_shared<TruthMasks>();
  truth->masks.polygons = as_polygons;
  truth->masks.size = size;
  for (const std::vector<double>& polygon : polygons) {
    const std::vector<std::span<const double>> parts = {polygon};
    const image::Outline outline{.size = size, .polygons = parts, .integral = integral};
    const image::Outline* copy = image::copied(outline, truth->arena);
    if (as_polygons) {
      truth->masks.outlines.push_back(copy);
    } else {
      truth->masks.bitmaps.push_back(image::outlined(copy, truth->arena));
    }
  }
  return truth;
}

const std::vector<double> triangle_corners = {10, 10, 50, 14, 22, 44};
const std::vector<double> square_corners = {4, 30, 24, 30, 24, 56, 4, 56};

torch::Tensor some_boxes() {
  return torch::tensor({{8.0F, 8.0F, 52.0F, 46.0F},
                        {2.0F, 28.5F, 30.25F, 59.0F},
                        {12.5F, 3.25F, 31.0F, 30.0F},
                        {-5.0F, 20.0F, 90.0F, 99.0F},
                        {20.0F, 20.0F, 20.0F, 20.0F}});
}

TEST(MaskTargets, OfBitmapsAreRoIAlignOfTheWholeMask) {
  const Size size = {64, 60};
  const auto truth = truth_of({triangle_corners, square_corners}, size, false);
  const torch::Tensor objects = torch::tensor({0, 1, 0, 1, 0});
  const torch::Tensor have = mask_targets(*truth, some_boxes(), objects, 14);
  const torch::Tensor pixels = to_torch(pinfeed::pixels_of(truth->masks)).to(torch::kFloat);
  const torch::Tensor inside =
      some_boxes().clamp(torch::zeros({4}), torch::tensor({64, 60, 64, 60}));
  const torch::Tensor regions = torch::cat({objects.to(torch::kFloat).unsqueeze(1), inside}, 1);
  const torch::Tensor want =
      (roi_align(pixels.unsqueeze(1), regions, {.height = 14, .width = 14}).squeeze(1) >= 0.5)
          .to(torch::kFloat);
  EXPECT_TRUE(torch::equal(have, want));
  EXPECT_GT(have.sum().item<float>(), 100.0F);
}

// The result of `compute` with one and with several threads of torch.
template <class Compute>
void expect_equal_with_more_threads(const Compute& compute) {
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const auto want = compute();
  at::set_num_threads(4);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(compute() == want);
  at::set_num_threads(before);
}

TEST(MaskTargets, DoNotDependOnTheNumberOfThreads) {
  std::vector<std::vector<double>> polygons;
  for (int i = 0; i < 12; ++i) polygons.push_back(i % 2 == 0 ? triangle_corners : square_corners);
  const torch::Tensor boxes = some_boxes().repeat({12, 1});
  const torch::Tensor objects = torch::arange(12).repeat_interleave(5);
  for (const bool as_polygons : {false, true}) {
    const auto truth = truth_of(polygons, {64, 60}, as_polygons);
    expect_equal_with_more_threads([&] {
      const torch::Tensor targets = mask_targets(*truth, boxes, objects, 28);
      const auto* cell = targets.const_data_ptr<float>();
      return std::vector<float>(cell, cell + targets.numel());
    });
  }
}

TEST(PastedMasks, DoNotDependOnTheNumberOfThreads) {
  torch::manual_seed(4);
  const torch::Tensor cells = torch::rand({60, 28, 28});
  const torch::Tensor boxes = some_boxes().repeat({12, 1});
  expect_equal_with_more_threads([&] {
    std::vector<std::vector<std::uint32_t>> runs;
    for (const RunMask& mask : pasted_masks(cells, boxes, {96, 80}, 0.5)) runs.push_back(mask.runs);
    return runs;
  });
}

TEST(MaskTargets, OfPolygonsAreRasterisedInTheBox) {
  const auto truth = truth_of({square_corners}, {64, 60}, true);
  // The box is 40 x 52 pixels, so a cell of 4 x 4 has 10 x 13; the square covers its left half.
  const torch::Tensor target =
      mask_targets(*truth, torch::tensor({{4.0F, 30.0F, 44.0F, 56.0F}}), torch::tensor({0}), 4);
  const torch::Tensor half = torch::tensor({1.0F, 1.0F, 0.0F, 0.0F}).expand({4, 4});
  EXPECT_TRUE(torch::equal(target[0], half)) << target;
}

TEST(MaskTargets, TruncateIntegerPolygonsAsUpstream) {
  const std::vector<double> corners = {0, 0, 7, 0, 7, 8, 0, 8};
  const torch::Tensor box = torch::tensor({{0.0F, 0.0F, 8.0F, 8.0F}});
  const auto covered = [&](std::uint8_t integral) {
    return mask_targets(*truth_of({corners}, {16, 16}, true, {integral}), box, torch::tensor({0}),
                        4)
        .sum()
        .item<float>();
  };
  EXPECT_EQ(covered(0), 16.0F);  // 3.5 columns are rounded up
  EXPECT_EQ(covered(1), 12.0F);  // 3 columns
}

TEST(MaskTargets, OfBoxesWithNaNAreOfACornerOfTheMask) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto truth = truth_of({square_corners}, {64, 60}, false);
  const torch::Tensor boxes = torch::tensor({{nan, nan, nan, nan}, {0.0F, 0.0F, 0.0F, 0.0F}});
  const torch::Tensor targets = mask_targets(*truth, boxes, torch::zeros({2}, torch::kLong), 4);
  EXPECT_TRUE(torch::equal(targets[0], targets[1]));
}

TEST(MaskTargets, OfNoBoxesAreEmpty) {
  const auto truth = truth_of({square_corners}, {64, 60}, false);
  const torch::Tensor targets =
      mask_targets(*truth, torch::zeros({0, 4}), torch::zeros({0}, torch::kLong), 28);
  EXPECT_EQ(targets.sizes(), (std::vector<std::int64_t>{0, 28, 28}));
}

TEST(TruthMasks, OutliveTheMasksThatTheyCopy) {
  std::shared_ptr<TruthMasks> copy;
  {
    const auto original = truth_of({triangle_corners, square_corners}, {64, 60}, false);
    copy = copied_masks(original->masks);
  }
  const Tensor pixels = pinfeed::pixels_of(copy->masks);
  EXPECT_EQ(pixels.shape, (Shape{2, 60, 64}));
  EXPECT_GT(to_torch(pixels).sum().item<std::int64_t>(), 500);
}

// The mask of a detection as mmdet pastes it: with grid_sample over the whole image.
torch::Tensor pasted_by_torch(const torch::Tensor& cells, const torch::Tensor& box, Size image,
                              double threshold) {
  const auto axis = [&](int side, int low) {
    const torch::Tensor pixel = torch::arange(side).to(torch::kFloat) + 0.5;
    return (pixel - box[low]) / (box[low + 2] - box[low]) * 2 - 1;
  };
  const auto grid = torch::meshgrid({axis(image.height, 1), axis(image.width, 0)}, "ij");
  const torch::Tensor at = torch::stack({grid[1], grid[0]}, 2).unsqueeze(0);
  const auto options = torch::nn::functional::GridSampleFuncOptions().align_corners(false);
  return torch::nn::functional::grid_sample(cells.view({1, 1, cells.size(0), cells.size(1)}), at,
                                            options)[0][0] >= threshold;
}

torch::Tensor pixels_of_runs(const RunMask& mask) {
  torch::Tensor flat =
      torch::zeros({std::int64_t{mask.size.width} * mask.size.height}, torch::kBool);
  std::int64_t at = 0;
  for (std::size_t i = 0; i < mask.runs.size(); ++i) {
    if (i % 2 == 1) flat.narrow(0, at, mask.runs[i]).fill_(true);
    at += mask.runs[i];
  }
  EXPECT_EQ(at, flat.numel());
  return flat.view({mask.size.width, mask.size.height}).t();
}

TEST(PastedMasks, EqualGridSampleOverTheWholeImage) {
  torch::manual_seed(5);
  const torch::Tensor cells = torch::rand({4, 28, 28});
  const torch::Tensor boxes = torch::tensor({{10.3F, 5.7F, 70.2F, 60.9F},
                                             {-8.0F, -4.0F, 30.0F, 25.0F},
                                             {40.0F, 40.0F, 120.0F, 90.0F},
                                             {3.25F, 8.0F, 5.5F, 60.0F}});
  const Size image = {80, 64};
  const std::vector<RunMask> masks = pasted_masks(cells, boxes, image, 0.5);
  for (std::int64_t i = 0; i < 4; ++i) {
    const RunMask& mask = masks[static_cast<std::size_t>(i)];
    const torch::Tensor want = pasted_by_torch(cells[i], boxes[i], image, 0.5);
    const torch::Tensor have = pixels_of_runs(mask);
    EXPECT_LE((have != want).sum().item<std::int64_t>(), 2) << i;
    EXPECT_GT(want.sum().item<std::int64_t>(), 20) << i;
    for (std::size_t r = 1; r < mask.runs.size(); ++r) EXPECT_GT(mask.runs[r], 0U);
  }
}

TEST(PastedMasks, OfBoxesThatAreNotFiniteAreEmpty) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinite = std::numeric_limits<float>::infinity();
  const torch::Tensor boxes = torch::tensor(
      {{nan, 2.0F, 9.0F, 9.0F}, {2.0F, 2.0F, 9.0F, nan}, {-infinite, 2.0F, infinite, 9.0F}});
  for (const RunMask& mask : pasted_masks(torch::ones({3, 4, 4}), boxes, {16, 12}, 0.5))
    EXPECT_EQ(mask.runs, (std::vector<std::uint32_t>{16 * 12}));
}

TEST(PastedMasks, OfBoxesWithoutAnAreaDoNotFail) {
  const torch::Tensor boxes =
      torch::tensor({{5.0F, 5.0F, 5.0F, 9.0F}, {90.0F, 90.0F, 95.0F, 95.0F}});
  for (const RunMask& mask : pasted_masks(torch::ones({2, 4, 4}), boxes, {16, 12}, 0.5)) {
    std::int64_t pixels = 0;
    for (const std::uint32_t run : mask.runs) pixels += run;
    EXPECT_EQ(pixels, 16 * 12);
  }
}

}  // namespace
}  // namespace pinfeed
