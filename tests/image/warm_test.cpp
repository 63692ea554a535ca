// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "pinfeed/image/expression/render.h"
#include "tests/count_allocations.h"
#include "tests/image/pixels.h"

namespace pinfeed::image {
namespace {

TEST(Render, AllocatesNothingForTheSecondImage) {
  for (const char* name : {"rgb_444.jpg", "progressive_420.jpg", "cmyk.jpg", "exif_6.jpg"}) {
    const std::vector<std::byte> bytes = bytes_of(golden_folder + "images/" + name);
    Encoded encoded{.path = name, .header = read_header(bytes, name), .bytes = bytes};
    Arena arena;
    const ImageExpr once = resized(decoded(&encoded, arena), {60, 44}, Interpolation::bilinear);
    const ImageExpr twice =
        resized(cropped(once, {5, 5, 50, 30}), {70, 90}, Interpolation::bilinear);
    const ImageExpr expr = padded(normalized(twice, {}), {80, 96}, {1, 2, 3});
    const Image image = make_image(expr.size(), 3, expr.dtype());
    Scratch scratch;
    render(expr, image.view(), scratch);
    const std::int64_t before = test::allocations_of_this_thread();
    render(expr, image.view(), scratch);
    EXPECT_EQ(test::allocations_of_this_thread() - before, 0) << name;
  }
}

}  // namespace
}  // namespace pinfeed::image
