// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/ops/roi_align.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <limits>

namespace pinfeed {
namespace {

// A map whose value at (y, x) is 10 * y + x.
torch::Tensor numbered_map(std::int64_t height, std::int64_t width) {
  return (torch::arange(height).unsqueeze(1) * 10 + torch::arange(width).unsqueeze(0))
      .to(torch::kFloat)
      .view({1, 1, height, width});
}

torch::Tensor region(float x1, float y1, float x2, float y2, float image = 0.0F) {
  return torch::tensor({{image, x1, y1, x2, y2}});
}

// Regions of all sizes, some of them partly or wholly outside of maps of 20 x 30 positions.
torch::Tensor random_regions(std::int64_t count, std::int64_t images, double scale) {
  const torch::Tensor image = torch::arange(count).remainder(images).to(torch::kFloat).unsqueeze(1);
  const torch::Tensor low = torch::rand({count, 2}) * torch::tensor({34.0, 24.0}) - 3;
  const torch::Tensor high = low + torch::rand({count, 2}) * 20;
  return torch::cat({image, low / scale, high / scale}, 1).to(torch::kFloat);
}

TEST(RoIAlign, AveragesSamplesBetweenPixelCentres) {
  // Cell (0, 0) covers x from 1 to 2 and y from 2 to 3: one sample at its centre, the pixel (2, 1).
  const torch::Tensor cells = roi_align(numbered_map(6, 6), region(1, 2, 3, 4),
                                        {.height = 2, .width = 2, .sampling_ratio = 1});
  EXPECT_TRUE(torch::allclose(cells[0][0], torch::tensor({{21.0F, 22.0F}, {31.0F, 32.0F}})));
}

TEST(RoIAlign, IsHalfAPixelOffWithoutAligned) {
  const RegionGrid grid{.height = 1, .width = 1, .sampling_ratio = 1, .aligned = false};
  EXPECT_FLOAT_EQ(roi_align(numbered_map(6, 6), region(1, 2, 2, 3), grid).item<float>(), 26.5F);
}

TEST(RoIAlign, TakesASampleForEveryPositionOfACell) {
  // One cell of 3 x 2 positions: six samples, whose mean is that of the pixels.
  const torch::Tensor cell =
      roi_align(numbered_map(6, 6), region(1, 2, 4, 4), {.height = 1, .width = 1});
  EXPECT_FLOAT_EQ(cell.item<float>(), 27.0F);
}

TEST(RoIAlign, IsZeroOutsideTheMap) {
  const torch::Tensor cells =
      roi_align(torch::ones({1, 1, 4, 4}), region(10, 10, 14, 14), {.height = 2, .width = 2});
  EXPECT_EQ(cells.abs().sum().item<float>(), 0.0F);
}

TEST(RoIAlign, OfNoRegionsIsEmptyAndHasAGradient) {
  const torch::Tensor map = torch::ones({1, 2, 4, 4}, torch::requires_grad());
  const torch::Tensor cells = roi_align(map, torch::zeros({0, 5}), {});
  EXPECT_EQ(cells.sizes(), (std::vector<std::int64_t>{0, 2, 7, 7}));
  cells.sum().backward();
  EXPECT_EQ(map.grad().abs().sum().item<float>(), 0.0F);
}

struct GridCase {
  const char* name;
  RegionGrid grid;
};

class RoIAlignCases : public ::testing::TestWithParam<GridCase> {};

// The matrix products are another way to compute it.
TEST_P(RoIAlignCases, EqualsMatrixProductsForwardAndBackward) {
  torch::manual_seed(1);
  const RegionGrid& grid = GetParam().grid;
  const torch::Tensor map = torch::randn({3, 5, 20, 30}, torch::requires_grad());
  const torch::Tensor regions = random_regions(50, 3, grid.scale);
  const torch::Tensor have = roi_align(map, regions, grid);
  const torch::Tensor want = roi_align_composed(map, regions, grid);
  EXPECT_TRUE(torch::allclose(have, want, 1e-4, 1e-5));
  const torch::Tensor weight = torch::randn_like(want);
  const torch::Tensor gradient = torch::autograd::grad({(have * weight).sum()}, {map})[0];
  const torch::Tensor reference = torch::autograd::grad({(want * weight).sum()}, {map})[0];
  EXPECT_TRUE(torch::allclose(gradient, reference, 1e-4, 1e-5));
  EXPECT_GT(gradient.abs().max().item<float>(), 0.0F);
}

INSTANTIATE_TEST_SUITE_P(
    All, RoIAlignCases,
    ::testing::Values(GridCase{"Adaptive", {.height = 7, .width = 7}},
                      GridCase{"Scaled", {.height = 3, .width = 5, .scale = 0.25}},
                      GridCase{"TwoSamples", {.height = 4, .width = 4, .sampling_ratio = 2}},
                      GridCase{"NotAligned", {.height = 4, .width = 2, .aligned = false}}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(RoIAlign, DoesNotDependOnTheNumberOfThreads) {
  torch::manual_seed(2);
  const torch::Tensor map = torch::randn({2, 40, 20, 30}, torch::requires_grad());
  const torch::Tensor regions = random_regions(64, 2, 1.0);
  const auto run = [&](int threads) {
    const int before = at::get_num_threads();
    at::set_num_threads(threads);
    const torch::Tensor cells = roi_align(map, regions, {});
    const torch::Tensor gradient = torch::autograd::grad({cells.square().sum()}, {map})[0];
    at::set_num_threads(before);
    return std::pair(cells, gradient);
  };
  const auto [one, one_gradient] = run(1);
  const auto [two, two_gradient] = run(2);
  EXPECT_TRUE(torch::equal(one, two));
  EXPECT_TRUE(torch::equal(one_gradient, two_gradient));
}

const float nan_coordinate = std::numeric_limits<float>::quiet_NaN();
const float infinite_coordinate = std::numeric_limits<float>::infinity();

using RoIAlignFunction = at::Tensor (*)(const at::Tensor&, const at::Tensor&, const RegionGrid&);

TEST(RoIAlign, IsZeroForRegionsThatAreNotFinite) {
  const torch::Tensor regions =
      torch::cat({region(nan_coordinate, 1, 3, 4), region(1, 2, infinite_coordinate, 4),
                  region(1, -infinite_coordinate, 3, nan_coordinate), region(1, 2, 3, 4)});
  for (const RoIAlignFunction align : {&roi_align, &roi_align_composed}) {
    for (const int sampling_ratio : {0, 2}) {
      for (const bool aligned : {true, false}) {
        const RegionGrid grid{
            .height = 2, .width = 2, .sampling_ratio = sampling_ratio, .aligned = aligned};
        const torch::Tensor cells = align(torch::ones({1, 1, 6, 6}), regions, grid);
        EXPECT_TRUE(torch::equal(cells.sum({1, 2, 3}), torch::tensor({0.0F, 0.0F, 0.0F, 4.0F})))
            << cells;
      }
    }
  }
}

// A bad number next to the positions that are read has a weight of 0.
TEST(RoIAlign, OnlyCellsThatReadANumberThatIsNotFiniteAreNotFinite) {
  torch::Tensor map = numbered_map(6, 6);
  map[0][0][0][0] = nan_coordinate;
  map[0][0][2][3] = infinite_coordinate;
  const RegionGrid grid{.height = 2, .width = 2, .sampling_ratio = 1};
  for (const RoIAlignFunction align : {&roi_align, &roi_align_composed}) {
    // The samples are the pixels (2, 1), (2, 2), (3, 1) and (3, 2).
    EXPECT_TRUE(torch::equal(align(map, region(1, 2, 3, 4), grid)[0][0],
                             torch::tensor({{21.0F, 22.0F}, {31.0F, 32.0F}})));
    // The last cell lies between the rows 2 and 3 and the columns 3 and 4.
    const torch::Tensor cells = align(map, region(1, 0, 5, 4), grid)[0][0];
    EXPECT_TRUE(torch::equal(cells.isfinite(), torch::tensor({{true, true}, {true, false}})))
        << cells;
    EXPECT_EQ(align(map, region(-30, -30, -20, -20), grid).abs().sum().item<float>(), 0.0F);
  }
}

TEST(RoIAlign, RunsOnCuda) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  torch::manual_seed(3);
  const torch::Tensor map = torch::randn({2, 8, 20, 30});
  const torch::Tensor regions = random_regions(30, 2, 1.0);
  const torch::Tensor have = roi_align(map.cuda(), regions, {}).cpu();
  EXPECT_TRUE(torch::allclose(have, roi_align(map, regions, {}), 1e-3, 1e-4));
}

}  // namespace
}  // namespace pinfeed
