// SPDX-License-Identifier: Apache-2.0
// Golden values: tools/golden/image.py.
#include <gtest/gtest.h>

#include "pinfeed/image/expression/render.h"
#include "tests/image/pixels.h"

namespace pinfeed::image {
namespace {

struct Golden {
  Size from;
  Size to;
  int channels = 0;
  std::string dtype;
  std::string interpolation;
  std::uint32_t crc = 0;
  std::string text;
};

std::vector<Golden> goldens() {
  std::vector<Golden> all;
  for (std::istringstream& line : golden_lines("image_resize.txt")) {
    Golden golden{.from = {},
                  .to = {},
                  .channels = 0,
                  .dtype = {},
                  .interpolation = {},
                  .crc = 0,
                  .text = line.str()};
    line >> golden.from.width >> golden.from.height >> golden.to.width >> golden.to.height >>
        golden.channels >> golden.dtype >> golden.interpolation >> std::hex >> golden.crc;
    all.push_back(golden);
  }
  return all;
}

TEST(Resize, EqualsOpenCV) {
  const std::vector<Golden> all = goldens();
  ASSERT_GE(all.size(), 150U);
  for (const Golden& golden : all) {
    const auto seed = static_cast<std::uint32_t>(golden.from.width * 1000 + golden.from.height);
    Image image = noise(golden.from, golden.channels, seed);
    if (golden.dtype == "float32") image = as_floats(image, 1.37F);
    Arena arena;
    const auto interpolation =
        golden.interpolation == "nearest" ? Interpolation::nearest : Interpolation::bilinear;
    const ImageExpr expr = resized(plain(image.view(), arena), golden.to, interpolation);
    EXPECT_EQ(crc32_of(render(expr)), golden.crc) << golden.text;
  }
}

TEST(Resize, ToTheSameSizeReturnsTheImageItself) {
  const Image image = noise({4, 3}, 3, 0);
  Arena arena;
  const ImageExpr expr = plain(image.view(), arena);
  EXPECT_EQ(resized(expr, {4, 3}, Interpolation::bilinear).node(), expr.node());
}

}  // namespace
}  // namespace pinfeed::image
