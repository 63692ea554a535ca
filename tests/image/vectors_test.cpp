// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <hwy/highway.h>

#include "pinfeed/image/expression/render.h"
#include "tests/image/pixels.h"

namespace pinfeed::image {
namespace {

// Resizes (up, down, to exactly half), flips, pads, converts to float, normalizes, warps, and
// applies Pillow's filter.
std::vector<std::uint32_t> digests() {
  const Image image = noise({213, 117}, 3, 1);
  const Image grey = noise({213, 117}, 1, 2);
  std::vector<std::uint32_t> found;
  Arena large;  // a result that is written with non-temporal stores
  found.push_back(crc32_of(render(padded(
      resized(plain(image.view(), large), {701, 540}, Interpolation::bilinear), {733, 551}, {}))));
  for (const Size size :
       {Size{401, 230}, Size{57, 90}, Size{106, 58}, Size{213, 40}, Size{5, 400}}) {
    Arena arena;
    const ImageExpr even = cropped(plain(image.view(), arena), {1, 1, 212, 116});
    const ImageExpr expr = resized(even, size, Interpolation::bilinear);
    const ImageExpr flipped_twice = flipped(expr, FlipDirection::diagonal);
    const ImageExpr first = flipped(even, FlipDirection::horizontal);
    found.push_back(crc32_of(render(flipped_twice)));
    found.push_back(crc32_of(render(first)));
    found.push_back(crc32_of(render(resized(first, size, Interpolation::bilinear))));
    found.push_back(crc32_of(render(as_float(flipped_twice))));
    found.push_back(crc32_of(
        render(normalized(flipped_twice, {{1.5F, 2.25F, 3.1F}, {58.395F, 57.12F, 57.375F}}))));
    found.push_back(crc32_of(
        render(warped(even, {1.3, -0.2, 9, 0.25, 0.8, -5, 0, 0, 1}, size, {114, 114, 114}))));
    found.push_back(crc32_of(render(resized(even, size, Interpolation::bicubic, Library::pillow))));
    found.push_back(
        crc32_of(render(resized(plain(grey.view(), arena), size, Interpolation::bilinear))));
  }
  return found;
}

// Restricts Highway to one instruction set until the end of the scope.
class OnlyTarget {
 public:
  explicit OnlyTarget(std::int64_t target) { use(target); }
  ~OnlyTarget() { use(0); }

 private:
  static void use(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

TEST(Vectors, GiveTheSamePixelsForEveryInstructionSet) {
  const std::vector<std::uint32_t> expected = digests();
  const std::int64_t all = hwy::SupportedTargets();
  int checked = 0;
  for (std::int64_t remaining = all; remaining != 0; remaining &= remaining - 1, ++checked) {
    const std::int64_t target = remaining & -remaining;
    const OnlyTarget only(target);
    EXPECT_EQ(digests(), expected) << hwy::TargetName(target);
  }
  EXPECT_GE(checked, 1);
}

}  // namespace
}  // namespace pinfeed::image
