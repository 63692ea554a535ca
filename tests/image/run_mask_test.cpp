// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/draw/run_mask.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;

TEST(RunMask, CountsDownTheColumns) {
  const std::vector<std::uint8_t> pixels = {0, 1, 1,  //
                                            0, 1, 0};
  const RunMask mask = run_mask(pixels, {3, 2});
  EXPECT_THAT(mask.runs, ElementsAre(2, 3, 1));
  EXPECT_EQ(area_of(mask), 3);
}

TEST(RunMask, BeginsWithAnEmptyRunWhereTheFirstPixelIsInside) {
  const std::vector<std::uint8_t> pixels = {255, 0};
  EXPECT_THAT(run_mask(pixels, {1, 2}).runs, ElementsAre(0, 1, 1));
  EXPECT_THAT(run_mask(pixels, {2, 1}).runs, ElementsAre(0, 1, 1));
}

TEST(RunMask, OfNoPixelInsideIsOneRun) {
  const std::vector<std::uint8_t> pixels(6);
  EXPECT_THAT(run_mask(pixels, {2, 3}).runs, ElementsAre(6));
  EXPECT_EQ(area_of(run_mask(pixels, {2, 3})), 0);
}

TEST(RunMask, RefusesPixelsOfAnotherSize) {
  const std::vector<std::uint8_t> pixels(5);
  EXPECT_THROW(run_mask(pixels, {2, 3}), Error);
}

}  // namespace
}  // namespace pinfeed
