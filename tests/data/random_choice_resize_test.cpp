// SPDX-License-Identifier: Apache-2.0
#include "transform_steps.h"

namespace pinfeed {
namespace {

using RandomChoiceResizeTest = Transforms;

std::string choose(const std::string& keys) {
  return "dict(type='RandomChoiceResize', " + keys + ")";
}

TEST_F(RandomChoiceResizeTest, ReadsANumberAsASquareAndUnderReplayAsAFactor) {
  Sample keyed = sample();
  RandomContext random(RandomKey{}, arena);
  step(choose("scales=[40, 40]")).apply(keyed, random);
  EXPECT_EQ(keyed.image.size(), (Size{40, 40}));
  Sample replayed = sample();
  apply_step(choose("scales=[3], keep_ratio=True"), replayed);
  EXPECT_EQ(replayed.image.size(), (Size{300, 240}));
}

TEST_F(RandomChoiceResizeTest, ChoosesAmongTheMembersOfAListOnly) {
  Sample one = sample();
  apply_step(choose("scales=(40, 50)"), one);
  EXPECT_EQ(one.image.size(), (Size{40, 50}));
  EXPECT_EQ(next_double, first_double(0));
  apply_step(choose("scales=[(40, 50), (50, 40)]"), one);
  EXPECT_NE(next_double, first_double(0));
}

TEST_F(RandomChoiceResizeTest, ExplainsWhyANumberCannotBeReplayed) {
  Sample one = sample();
  EXPECT_EQ(failure([&] { apply_step(choose("scales=[400]"), one); }),
            "error: scales holds the number 400, at which OpenMMLab's RandomChoiceResize fails\n"
            "help: write (400, 400), or leave out replay: then a number is a side of a square\n");
  EXPECT_EQ(failure([&] { apply_step(choose("scales=[400], keep_ratio=True"), one); }),
            "error: scales holds the number 400, which OpenMMLab takes as a factor: an image of "
            "100x80 would get 1280000000 pixels\n"
            "help: write (400, 400), or leave out replay: then a number is a side of a square\n");
  EXPECT_EQ(refusal(choose("scales=[0]")), "error: scales holds 0; each number must be at least 1");
  EXPECT_EQ(refusal(choose("scales=[]")), "error: scales is []; it must hold at least one size");
  EXPECT_EQ(refusal(choose("scales='x'")),
            "error: scales must be list of (w, h) or int, or (w, h), not str 'x'");
}

}  // namespace
}  // namespace pinfeed
