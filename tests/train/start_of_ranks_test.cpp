// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/run/start_of_ranks.h"

#include <gtest/gtest.h>

namespace pinfeed {
namespace {

std::string start_with(const std::string& version, const std::string& seed = "1",
                       const std::string& config = "a = 1\nb = 2\n") {
  return text_of(Start{version, {"seed " + seed}, config});
}

TEST(StartOfRanks, IsTheSameWithTheSameProgramAndSettings) {
  EXPECT_EQ(different_start({}), "");
  EXPECT_EQ(different_start({start_with("x")}), "");
  EXPECT_EQ(different_start({start_with("x"), start_with("x"), start_with("x")}), "");
  EXPECT_TRUE(version_of_program().starts_with("pinfeed 0.") ||
              version_of_program().starts_with("pinfeed 1."));
  EXPECT_NE(version_of_program().find(" with torch 2."), std::string::npos);
}

TEST(StartOfRanks, DiffersByTheVersionOfTheProgramOrOfTorch) {
  const std::string own = version_of_program();
  EXPECT_EQ(
      different_start({start_with(own), start_with(own), start_with("pinfeed 9 with torch 9")}),
      "rank 2 has 'pinfeed 9 with torch 9' where rank 0 has '" + own + "'");
}

TEST(StartOfRanks, DiffersByTheFirstLineThatIsNotTheSame) {
  EXPECT_EQ(different_start({start_with("x", "1"), start_with("x", "2", "a = 3\n")}),
            "rank 1 has 'seed 2' where rank 0 has 'seed 1'");
  EXPECT_EQ(different_start({start_with("x"), start_with("x", "1", "a = 1\nb = 3\n")}),
            "rank 1 has 'b = 3' where rank 0 has 'b = 2'");
  EXPECT_EQ(different_start({start_with("x"), start_with("x", "1", "a = 1\n")}),
            "rank 1 has nothing where rank 0 has 'b = 2'");
  EXPECT_EQ(different_start({start_with("x"), start_with("x", "1", "a = 1\nb = 2\nc = 3\n")}),
            "rank 1 has 'c = 3' where rank 0 has nothing");
}

}  // namespace
}  // namespace pinfeed
