// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/run/shared_cores.h"

#include <gtest/gtest.h>

namespace pinfeed {
namespace {

UsableCores cores(const std::string& machine, std::vector<int> numbers, double quota = 0.0,
                  const std::string& group = "all") {
  return {
      .machine = machine, .group = machine + group, .quota = quota, .numbers = std::move(numbers)};
}

std::vector<int> shares(const std::vector<UsableCores>& ranks) {
  std::vector<int> all;
  for (std::size_t rank = 0; rank < ranks.size(); ++rank)
    all.push_back(share_of_cores(ranks, rank));
  return all;
}

TEST(SharedCores, AreDividedByTheRanksOfAMachine) {
  const std::vector<int> eight = {0, 1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(shares({cores("a", eight), cores("a", eight), cores("b", eight)}),
            (std::vector<int>{4, 4, 8}));
  EXPECT_EQ(shares({cores("a", eight), cores("a", eight), cores("a", eight)}),
            (std::vector<int>{2, 2, 2}));
  EXPECT_EQ(shares({cores("a", {0}), cores("a", {0})}), (std::vector<int>{1, 1}));
}

TEST(SharedCores, AreNotDividedWhereTheLauncherHasBoundEachRankToItsOwn) {
  EXPECT_EQ(shares({cores("a", {0, 1, 2, 3}), cores("a", {4, 5, 6, 7})}), (std::vector<int>{4, 4}));
  // Two ranks on each half.
  EXPECT_EQ(shares({cores("a", {0, 1}), cores("a", {0, 1}), cores("a", {2, 3})}),
            (std::vector<int>{1, 1, 2}));
  EXPECT_EQ(shares({cores("a", {0, 1, 2}), cores("a", {0, 1, 2}), cores("a", {0, 1, 2})}),
            (std::vector<int>{1, 1, 1}));
}

TEST(SharedCores, AreNoMoreThanTheQuotaOfTheControlGroup) {
  const std::vector<int> four = {0, 1, 2, 3};
  EXPECT_EQ(shares({cores("a", four, 2.0), cores("a", four, 2.0)}), (std::vector<int>{1, 1}));
  // Two containers with a quota each.
  EXPECT_EQ(shares({cores("a", four, 2.0, "one"), cores("a", four, 2.0, "two")}),
            (std::vector<int>{2, 2}));
  EXPECT_EQ(shares({cores("a", four, 0.5)}), std::vector<int>{1});
}

TEST(SharedCores, OfThisProcessAreOneLineOfText) {
  const UsableCores own = own_usable_cores();
  EXPECT_FALSE(own.machine.empty());
  EXPECT_FALSE(own.numbers.empty());
  const std::string text = text_of(own);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  const UsableCores again = usable_cores_from(text);
  EXPECT_EQ(again.machine, own.machine);
  EXPECT_EQ(again.group, own.group);
  EXPECT_EQ(again.quota, own.quota);
  EXPECT_EQ(again.numbers, own.numbers);
}

}  // namespace
}  // namespace pinfeed
