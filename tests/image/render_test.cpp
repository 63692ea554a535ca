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

// Up to 7 steps. The images are compared after each step, so that a failure names the first wrong
// step.
void check_chain(ImagePair pair, TestRandom& random) {
  const int count = random.whole(1, 7);
  for (int i = 0; i < count; ++i) {
    add_step(pair, random);
    ASSERT_EQ(to_string(pair.planned.size()), to_string(pair.eager.size())) << pair.steps;
    ASSERT_TRUE(same(render(pair.planned), pair.eager)) << pair.steps;
  }
}

TEST(Render, EqualsRunningTheStepsOneByOneForPlainPixels) {
  for (std::uint32_t seed = 0; seed < 1500; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    TestRandom random(seed);
    const Size size = {random.whole(1, 80), random.whole(1, 60)};
    const int channels = random.whole(0, 4) == 0 ? 1 : 3;
    Image image = noise(size, channels, seed);
    if (random.whole(0, 4) == 0) image = as_floats(image, 0.77F);
    Arena arena;
    check_chain(
        {plain(image.view(), arena), image, fmt::format("{} x{}", to_string(size), channels)},
        random);
    if (HasFatalFailure()) return;
  }
}

TEST(Render, EqualsRunningTheStepsOneByOneForStoredImages) {
  std::vector<std::string> names;
  for (std::istringstream& line : golden_lines("image_decode.txt")) line >> names.emplace_back();
  for (std::uint32_t seed = 0; seed < 900; ++seed) {
    const std::string& name = names[seed % names.size()];
    SCOPED_TRACE(fmt::format("seed {}, {}", seed, name));
    TestRandom random(seed);
    const std::vector<std::byte> bytes = bytes_of(golden_folder + "images/" + name);
    Encoded encoded{.path = name, .header = read_header(bytes, name), .bytes = bytes};
    Arena arena;
    check_chain({decoded(&encoded, arena), decode(bytes, name), to_string(encoded.header.stored)},
                random);
    if (HasFatalFailure()) return;
  }
}

// Rows written with non-temporal stores, at every offset from a multiple of the vector size.
TEST(Render, EqualsRunningTheStepsOneByOneForLargeResults) {
  const std::string path = golden_folder + "images/rgb_420.jpg";
  const std::vector<std::byte> bytes = bytes_of(path);
  for (std::uint32_t seed = 0; seed < 24; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    TestRandom random(seed);
    Encoded encoded{.path = path, .header = read_header(bytes, path), .bytes = bytes};
    Arena arena;
    ImagePair pair = {decoded(&encoded, arena), decode(bytes, path), ""};
    const Size size = {random.whole(600, 700), random.whole(590, 640)};  // more than 1 MiB
    pair.planned = resized(pair.planned, size, Interpolation::bilinear);
    pair.eager = eager::resized(pair.eager, size, Interpolation::bilinear);
    if (random.whole(0, 1) == 1) flip(pair, random);
    if (random.whole(0, 3) != 0) pad(pair, random);
    if (random.whole(0, 1) == 1) normalize(pair, random);
    if (random.whole(0, 3) == 0) pad(pair, random);
    ASSERT_TRUE(same(render(pair.planned), pair.eager)) << pair.steps;
  }
}

TEST(Render, DoesNotWriteBetweenRows) {
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

TEST(Render, GivesTheSamePixelsOnManyThreads) {
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

TEST(ImageExpr, KnowsItsSizeWithoutDecoding) {
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
