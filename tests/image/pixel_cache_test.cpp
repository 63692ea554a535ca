// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/pixel_cache.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "pinfeed/image/expression/render.h"
#include "tests/image/bad_images.h"

namespace pinfeed::image {
namespace {

std::uint32_t rendered_crc(const Encoded& encoded, Scratch& scratch) {
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
  const std::uint32_t alone = rendered_crc(encoded, scratch);
  scratch.share(cache);
  EXPECT_EQ(rendered_crc(encoded, scratch), alone);
  encoded.bytes = {};
  EXPECT_EQ(rendered_crc(encoded, scratch), alone);
  Scratch other;
  other.share(cache);
  EXPECT_EQ(rendered_crc(encoded, other), alone);
}

TEST_P(PixelCacheTest, StoresOnlyImagesThatAreUsedAgain) {
  scratch.share(cache);
  encoded.again = false;
  rendered_crc(encoded, scratch);
  EXPECT_FALSE(cache->find(encoded));
}

TEST_P(PixelCacheTest, DistinguishesFiles) {
  scratch.share(cache);
  rendered_crc(encoded, scratch);
  EXPECT_TRUE(cache->find(encoded));
  Encoded other = encoded;
  other.path = "a/c.jpg";
  EXPECT_FALSE(cache->find(other));
  other = encoded;
  ++other.header.file_bytes;
  EXPECT_FALSE(cache->find(other));
}

TEST_P(PixelCacheTest, EvictsTheLeastRecentlyUsed) {
  cache = std::make_shared<PixelCache>(20 * size);
  scratch.share(cache);
  std::vector<std::string> names;
  for (int i = 0; i < 21; ++i) names.push_back(fmt::format("{}.jpg", i));
  const auto use = [&](std::size_t i) {
    encoded.path = names[i];
    return rendered_crc(encoded, scratch);
  };
  const auto is_cached = [&](std::size_t i) {
    encoded.path = names[i];
    return bool(cache->find(encoded));
  };
  for (std::size_t i = 0; i < 20; ++i) use(i);
  use(0);
  use(20);
  EXPECT_TRUE(is_cached(0));
  EXPECT_FALSE(is_cached(1));
  for (std::size_t i = 2; i < 21; ++i) EXPECT_TRUE(is_cached(i)) << i;
}

TEST_P(PixelCacheTest, AcceptsImagesUpToASixteenthOfItsBytes) {
  EXPECT_TRUE(PixelCache(16 * size).accepts(encoded));
  EXPECT_FALSE(PixelCache(16 * size - 1).accepts(encoded));
}

TEST_P(PixelCacheTest, MayBeDestroyedWithTheLastScratchThatUsesIt) {
  const std::uint32_t alone = rendered_crc(encoded, scratch);
  {
    Scratch last;
    last.share(cache);
    cache.reset();
    EXPECT_EQ(rendered_crc(encoded, last), alone);
    Scratch moved = std::move(last);
    EXPECT_EQ(rendered_crc(encoded, moved), alone);
  }
}

TEST_P(PixelCacheTest, CountsTheMemoryThatAnEntryHas) {
  cache = std::make_shared<PixelCache>(20 * size);
  Encoded little = encoded;
  little.header.stored = {8, 8};
  std::size_t held = 0;
  for (int i = 0; i < 400; ++i) {
    const std::string name = std::to_string(i);
    Encoded& one = i % 2 == 0 ? encoded : little;
    one.path = name;
    const PixelCache::Reader reader = cache->reserve(one);
    held = std::max(held, reader->bytes.capacity());
    if (i % 2 == 1) {
      EXPECT_LE(reader->bytes.capacity(), 2 * 8 * 8 * 3U) << i;
    }
    cache->publish(reader);
  }
  EXPECT_LE(held, 2 * size);
}

TEST_P(PixelCacheTest, ServesManyThreads) {
  const std::uint32_t alone = rendered_crc(encoded, scratch);
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
        EXPECT_EQ(rendered_crc(one, own), alone);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(PixelCache, DoesNotStoreATruncatedImage) {
  const Text bytes = truncated(golden("rgb_444.jpg"), 3000);
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
