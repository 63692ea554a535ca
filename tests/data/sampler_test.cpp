// SPDX-License-Identifier: Apache-2.0
// Golden values: specs data 9.
#include "pinfeed/data/samplers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinfeed {
namespace {

using testing::ElementsAre;
using Indices = std::vector<std::int64_t>;

Indices first(const Order& order, std::int64_t count) {
  Indices indices;
  for (std::int64_t k = 0; k < count; ++k) indices.push_back(order.at(k));
  return indices;
}

Indices of_rank(const DefaultSampler& params, int rank, std::uint64_t seed, std::int64_t epoch = 0,
                std::int64_t size = 10, int world = 3) {
  const Sampler sampler =
      make(params, {.dataset_size = size, .rank = rank, .world_size = world, .seed = seed});
  const Order order = sampler.order(epoch);
  return first(order, order.size);
}

TEST(DefaultSampler, DealsOutTheOrderOfOpenMMLab) {
  EXPECT_THAT(of_rank({}, 0, 0), ElementsAre(4, 5, 0, 2));
  EXPECT_THAT(of_rank({}, 1, 0), ElementsAre(1, 3, 8, 4));
  EXPECT_THAT(of_rank({}, 2, 0), ElementsAre(7, 9, 6, 1));
  EXPECT_THAT(of_rank({}, 0, 42), ElementsAre(2, 8, 0, 7));
  EXPECT_THAT(of_rank({}, 1, 42), ElementsAre(6, 4, 9, 2));
  EXPECT_THAT(of_rank({}, 2, 42), ElementsAre(1, 5, 3, 6));
}

TEST(DefaultSampler, AddsTheEpochToTheSeed) {
  EXPECT_THAT(of_rank({}, 0, 0, 1), ElementsAre(5, 2, 9, 4));
  EXPECT_THAT(of_rank({}, 1, 0, 1), ElementsAre(6, 0, 3, 5));
  EXPECT_THAT(of_rank({}, 2, 0, 1), ElementsAre(1, 8, 7, 6));
}

TEST(DefaultSampler, LeavesRanksUnequalWithoutRoundUp) {
  const DefaultSampler params{.round_up = false};
  EXPECT_THAT(of_rank(params, 0, 0), ElementsAre(4, 5, 0, 2));
  EXPECT_THAT(of_rank(params, 1, 0), ElementsAre(1, 3, 8));
  EXPECT_THAT(of_rank(params, 2, 0), ElementsAre(7, 9, 6));
}

TEST(DefaultSampler, RepeatsAShortDataSetAsOftenAsItTakes) {
  Indices all;
  for (int rank = 0; rank < 5; ++rank) {
    for (const std::int64_t index : of_rank({.shuffle = false}, rank, 0, 0, 2, 5)) {
      all.push_back(index);
    }
  }
  EXPECT_THAT(all, ElementsAre(0, 1, 0, 1, 0));
}

TEST(DefaultSampler, ItsOwnSeedWins) { EXPECT_EQ(of_rank({.seed = 42}, 0, 7), of_rank({}, 0, 42)); }

TEST(DefaultSampler, TakesAnEmptyDataSet) {
  EXPECT_EQ(make(DefaultSampler{}, {.dataset_size = 0}).order(0).size, 0);
}

Order endless(int rank, bool shuffle = true) {
  return make(InfiniteSampler{.shuffle = shuffle},
              {.dataset_size = 5, .rank = rank, .world_size = 2, .seed = 0})
      .order(0);
}

TEST(InfiniteSampler, DealsOutOneOrderAfterTheOther) {
  EXPECT_THAT(first(endless(0), 8), ElementsAre(4, 1, 2, 4, 1, 2, 1, 0));
  EXPECT_THAT(first(endless(1), 8), ElementsAre(0, 3, 3, 0, 2, 4, 3, 1));
}

TEST(InfiniteSampler, GivesAnyPlaceInAnyOrder) {
  const Indices all = first(endless(0), 50);
  const Order order = endless(0);
  for (const std::int64_t k : {49, 3, 17, 18, 0}) {
    EXPECT_EQ(order.at(k), all[static_cast<std::size_t>(k)]);
  }
}

TEST(InfiniteSampler, RunsThroughTheSetInOrderWithoutShuffle) {
  EXPECT_THAT(first(endless(0, false), 6), ElementsAre(0, 2, 4, 1, 3, 0));
}

}  // namespace
}  // namespace pinfeed
