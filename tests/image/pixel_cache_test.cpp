// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/pixel_cache.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "pinfeed/image/expression/render.h"
#include "tests/image/bad_images.h"

namespace pinfeed::image {
namespace {

std::uint32_t shown(const Encoded& encoded, Scratch& scratch) {
  Arena arena;
  Encoded copy = encoded;
  const ImageExpr expr = flipped(decoded(&copy, arena), FlipDirection::horizontal);
  const Image image = make_image(expr.size());
  render(expr, image.view(), scratch);
  return crc32_of(image);
}

struct PixelCacheTest : ::testing::TestWithParam<const char*> {
  Text bytes = golden(GetParam());
  Encoded encoded{
      .path = "a/b.jpg", .header = read_header(bytes, "a/b.jpg"), .bytes = bytes, .again = true};
  std::size_t size = std::size_t{3} * static_cast<std::size_t>(encoded.header.stored.width) *
                     static_cast<std::size_t>(encoded.header.stored.height);
  std::shared_ptr<PixelCache> cache = std::make_shared<PixelCache>(1 << 20);
  Scratch scratch;
};

INSTANTIATE_TEST_SUITE_P(, PixelCacheTest,
                         testing::Values("rgb_444.jpg", "rgb.png", "progressive_420.jpg"));

TEST_P(PixelCacheTest, GivesTheSamePixelsWithoutTheFile) {
  const std::uint32_t alone = shown(encoded, scratch);
  scratch.share(cache);
  EXPECT_EQ(shown(encoded, scratch), alone);
  encoded.bytes = {};
  EXPECT_EQ(shown(encoded, scratch), alone);
  Scratch other;
  other.share(cache);
  EXPECT_EQ(shown(encoded, other), alone);
}

TEST_P(PixelCacheTest, KeepsOnlyWhatIsLookedAtAgain) {
  scratch.share(cache);
  encoded.again = false;
  shown(encoded, scratch);
  EXPECT_FALSE(cache->find(encoded));
}

TEST_P(PixelCacheTest, TellsFilesApart) {
  scratch.share(cache);
  shown(encoded, scratch);
  EXPECT_TRUE(cache->find(encoded));
  Encoded other = encoded;
  other.path = "a/c.jpg";
  EXPECT_FALSE(cache->find(other));
  other = encoded;
  ++other.header.file_bytes;
  EXPECT_FALSE(cache->find(other));
}

TEST_P(PixelCacheTest, LeavesThoseThatNobodyHasLookedAtForLongest) {
  cache = std::make_shared<PixelCache>(20 * size);
  scratch.share(cache);
  std::vector<std::string> names;
  for (int i = 0; i < 21; ++i) names.push_back(fmt::format("{}.jpg", i));
  const auto apply_whole_image = [&](std::size_t i) {
    encoded.path = names[i];
    return shown(encoded, scratch);
  };
  const auto is_kept = [&](std::size_t i) {
    encoded.path = names[i];
    return bool(cache->find(encoded));
  };
  for (std::size_t i = 0; i < 20; ++i) apply_whole_image(i);
  apply_whole_image(0);
  apply_whole_image(20);
  EXPECT_TRUE(is_kept(0));
  EXPECT_FALSE(is_kept(1));
  for (std::size_t i = 2; i < 21; ++i) EXPECT_TRUE(is_kept(i)) << i;
}

TEST_P(PixelCacheTest, LeavesRoomForSixteen) {
  EXPECT_TRUE(PixelCache(16 * size).takes(encoded));
  EXPECT_FALSE(PixelCache(16 * size - 1).takes(encoded));
}

TEST_P(PixelCacheTest, ServesManyThreads) {
  const std::uint32_t alone = shown(encoded, scratch);
  cache = std::make_shared<PixelCache>(17 * size);
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      Scratch own;
      own.share(cache);
      for (int i = 0; i < 100; ++i) {
        Encoded one = encoded;
        const std::string name = std::to_string((i * 7 + number) % 25);
        one.path = name;
        EXPECT_EQ(shown(one, own), alone);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(PixelCache, KeepsNoMadeUpPixels) {
  const Text bytes = cut(golden("rgb_444.jpg"), 3000);
  Encoded encoded{.path = "a.jpg",
                  .header = read_header(bytes, "a.jpg"),
                  .bytes = bytes,
                  .allow_truncated = true,
                  .again = true};
  const auto cache = std::make_shared<PixelCache>(1 << 20);
  Scratch scratch;
  scratch.share(cache);
  Arena arena;
  render(decoded(&encoded, arena), make_image(encoded.header.stored).view(), scratch);
  EXPECT_TRUE(encoded.truncated);
  EXPECT_FALSE(cache->find(encoded));
}

}  // namespace
}  // namespace pinfeed::image
