// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/render.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "tests/image/chains.h"

namespace pinfeed::image {
namespace {

bool same(const Image& a, const Image& b) {
  return a.size() == b.size() && a.channels() == b.channels() && a.pixels.dtype == b.pixels.dtype &&
         std::memcmp(a.pixels.data(), b.pixels.data(), a.pixels.bytes()) == 0;
}

// Up to 7 steps; an expression is compared after each, so that the first wrong step is named.
void check_chain(Both both, Chance& chance) {
  const int steps = chance.whole(1, 7);
  for (int i = 0; i < steps; ++i) {
    add_step(both, chance);
    ASSERT_EQ(to_string(both.planned.size()), to_string(both.eager.size())) << both.story;
    ASSERT_TRUE(same(render(both.planned), both.eager)) << both.story;
  }
}

TEST(Render, EqualsTheStepsOneByOneForPlainPixels) {
  for (std::uint32_t seed = 0; seed < 1500; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Chance chance(seed);
    const Size size = {chance.whole(1, 80), chance.whole(1, 60)};
    const int channels = chance.whole(0, 4) == 0 ? 1 : 3;
    Image image = noise(size, channels, seed);
    if (chance.whole(0, 4) == 0) image = as_floats(image, 0.77F);
    Arena arena;
    check_chain(
        {plain(image.view(), arena), image, fmt::format("{} x{}", to_string(size), channels)},
        chance);
    if (HasFatalFailure()) return;
  }
}

TEST(Render, EqualsTheStepsOneByOneForStoredImages) {
  std::vector<std::string> names;
  for (std::istringstream& line : golden_lines("image_decode.txt")) line >> names.emplace_back();
  for (std::uint32_t seed = 0; seed < 900; ++seed) {
    const std::string& name = names[seed % names.size()];
    SCOPED_TRACE(fmt::format("seed {}, {}", seed, name));
    Chance chance(seed);
    const std::vector<std::byte> bytes = bytes_of(golden_folder + "images/" + name);
    Encoded encoded{.path = name, .header = read_header(bytes, name), .bytes = bytes};
    Arena arena;
    check_chain({decoded(&encoded, arena), decode(bytes, name), to_string(encoded.header.stored)},
                chance);
    if (HasFatalFailure()) return;
  }
}

// Rows that are written past the caches, at every offset from a vector's place.
TEST(Render, EqualsTheStepsOneByOneForLargeResults) {
  const std::string path = golden_folder + "images/rgb_420.jpg";
  const std::vector<std::byte> bytes = bytes_of(path);
  for (std::uint32_t seed = 0; seed < 24; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Chance chance(seed);
    Encoded encoded{.path = path, .header = read_header(bytes, path), .bytes = bytes};
    Arena arena;
    Both both = {decoded(&encoded, arena), decode(bytes, path), ""};
    const Size size = {chance.whole(600, 700), chance.whole(590, 640)};  // more than 1 MiB
    both.planned = resized(both.planned, size, Interpolation::bilinear);
    both.eager = eager::resized(both.eager, size, Interpolation::bilinear);
    if (chance.whole(0, 1) == 1) flip(both, chance);
    if (chance.whole(0, 3) != 0) pad(both, chance);
    if (chance.whole(0, 1) == 1) normalize(both, chance);
    if (chance.whole(0, 3) == 0) pad(both, chance);
    ASSERT_TRUE(same(render(both.planned), both.eager)) << both.story;
  }
}

TEST(Render, LeavesTheGapsBetweenRowsAlone) {
  const Image image = noise({9, 7}, 3, 1);
  Image wide = make_image({40, 12});
  std::fill_n(wide.pixels.data_as<std::uint8_t>(), wide.pixels.bytes(), std::uint8_t{7});
  ImageView view = wide.view();
  view.width = 21;
  view.height = 11;
  Arena arena;
  Scratch scratch;
  render(resized(plain(image.view(), arena), view.size(), Interpolation::bilinear), view, scratch);
  for (int y = 0; y < wide.height(); ++y) {
    for (int x = y < view.height ? view.width : 0; x < wide.width(); ++x)
      ASSERT_EQ(*wide.at(y, x), 7);
  }
}

TEST(Render, GivesTheSameBytesOnManyThreads) {
  const std::vector<std::byte> bytes = bytes_of(golden_folder + "images/rgb_420.jpg");
  Encoded encoded{.path = "rgb_420.jpg", .header = read_header(bytes, ""), .bytes = bytes};
  Arena arena;
  const ImageExpr expr =
      padded(flipped(resized(decoded(&encoded, arena), {160, 130}, Interpolation::bilinear),
                     FlipDirection::horizontal),
             {192, 160}, {1, 2, 3});
  const std::uint32_t expected = crc32_of(render(expr));
  std::vector<int> wrong(8, 0);
  std::vector<std::thread> threads;
  for (int& count : wrong) {
    threads.emplace_back([&count, &expr, expected] {
      Scratch scratch;
      const Image image = make_image(expr.size());
      for (int i = 0; i < 50; ++i) {
        render(expr, image.view(), scratch);
        count += crc32_of(image) != expected ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(8, 0));
}

TEST(ImageExpr, KnowsItsSizeWithoutPixels) {
  Encoded encoded{.path = "never opened",
                  .header = {.stored = {40, 30}, .orientation = 6, .file_bytes = 0}};
  Arena arena;
  const ImageExpr expr = decoded(&encoded, arena);
  EXPECT_EQ(expr.size(), (Size{30, 40}));
  EXPECT_EQ(padded(cropped(expr, {1, 2, 10, 20}), {32, 64}, {}).size(), (Size{32, 64}));
  EXPECT_EQ(normalized(expr, {}).dtype(), DType::float32);
}

}  // namespace
}  // namespace pinfeed::image
