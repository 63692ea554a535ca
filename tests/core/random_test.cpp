// SPDX-License-Identifier: Apache-2.0
// Golden values: docs/specs/openmmlab-data.md, 9.
#include "pinfeed/core/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinfeed {
namespace {

using testing::ElementsAre;

TEST(Randperm, EqualsTorchForTwoCallsInARow) {
  Mt19937 zero(0);
  EXPECT_THAT(randperm(10, zero), ElementsAre(4, 1, 7, 5, 3, 9, 0, 8, 6, 2));
  EXPECT_THAT(randperm(10, zero), ElementsAre(3, 9, 4, 2, 7, 8, 6, 0, 5, 1));
  Mt19937 one(1);
  EXPECT_THAT(randperm(10, one), ElementsAre(5, 6, 1, 2, 0, 8, 9, 3, 7, 4));
  EXPECT_THAT(randperm(10, one), ElementsAre(2, 3, 1, 8, 9, 0, 6, 7, 4, 5));
  Mt19937 other(42);
  EXPECT_THAT(randperm(10, other), ElementsAre(2, 6, 1, 8, 4, 5, 0, 9, 3, 7));
  EXPECT_THAT(randperm(10, other), ElementsAre(3, 5, 8, 9, 4, 6, 1, 0, 7, 2));
}

TEST(NumpyRandom, EqualsNumpyInSequence) {
  Mt19937 generator(0);
  NumpyRandom random{Bits(generator)};
  EXPECT_EQ(random.random_sample(), 0.5488135039273248);
  EXPECT_EQ(random.randint(0, 10), 5);
  EXPECT_EQ(random.randint(0, 1), 0);
  EXPECT_EQ(random.randint(0, 1000), 192);
  EXPECT_EQ(random.uniform(-32, 32), 6.576856068585208);
  std::vector<std::int64_t> order = {0, 1, 2, 3, 4};
  random.shuffle(order);
  EXPECT_THAT(order, ElementsAre(0, 2, 1, 4, 3));
}

TEST(NumpyRandom, FirstSamplerSeedAfterSeedZero) {
  Mt19937 generator(0);
  EXPECT_EQ(NumpyRandom{Bits(generator)}.randint(0, std::int64_t{1} << 31), 209652396);
}

TEST(PythonRandom, EqualsPythonInSequence) {
  Mt19937 generator = python_generator(0);
  PythonRandom random{Bits(generator)};
  EXPECT_EQ(random.random(), 0.8444218515250481);
  EXPECT_EQ(random.randint(0, 10), 6);
  EXPECT_EQ(random.randbelow(3), 0U);
  EXPECT_EQ(random.uniform(0, 1), 0.25891675029296335);
}

TEST(TorchRandom, EqualsTorchInSequence) {
  Mt19937 generator(5);
  TorchRandom random{Bits(generator)};
  EXPECT_EQ(random.uniform(0.2F, 1.0F), static_cast<float>(0.8642014861106873));
  EXPECT_EQ(random.randint(0, 100), 14);
  std::vector<std::int64_t> five;
  for (int i = 0; i < 5; ++i) five.push_back(random.randint(0, 7));
  EXPECT_THAT(five, ElementsAre(2, 3, 6, 1, 1));
  EXPECT_EQ(random.rand(), static_cast<float>(0.7379193902015686));
}

TEST(TorchRandom, BaseSeedHas63Bits) {
  Mt19937 generator(11);
  EXPECT_EQ(TorchRandom{Bits(generator)}.random(), 3325388913236545215);
}

// Known answers of the Random123 distribution.
TEST(Philox, EqualsTheKnownAnswers) {
  EXPECT_THAT(Philox::block({0, 0, 0, 0}, {0, 0}),
              ElementsAre(0x6627e8d5U, 0xe169c58dU, 0xbc57ac4cU, 0x9b00dbd8U));
  EXPECT_THAT(Philox::block({0xffffffffU, 0xffffffffU, 0xffffffffU, 0xffffffffU},
                            {0xffffffffU, 0xffffffffU}),
              ElementsAre(0x408f276dU, 0x41c83b0eU, 0xa20bc7c6U, 0x6d5451fdU));
}

TEST(Philox, EveryMemberOfTheKeyChangesTheStream) {
  const RandomKey base{.seed = 1, .epoch = 2, .position = 3, .attempt = 4, .step = 5};
  const std::uint32_t first = Philox(base).next();
  std::vector<RandomKey> others(8, base);
  others[0].seed = 7;
  others[1].epoch = 7;
  others[2].position = 7;
  others[3].attempt = 7;
  others[4].step = 7;
  others[5].epoch += std::uint64_t{1} << 16U;
  others[6].position += std::uint64_t{1} << 40U;
  others[7].attempt += std::uint64_t{1} << 10U;
  for (const RandomKey& key : others) EXPECT_NE(Philox(key).next(), first);
}

}  // namespace
}  // namespace pinfeed
