// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "tests/image/cached_photos.h"

namespace pinfeed::image {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

TEST(CoefficientCache, KeepsImagesAndGivesTheSamePixels) {
  const TemporaryFolder folder;
  const auto all = photos(12);
  {
    CoefficientCache cache({.folder = folder / "cache"});
    EXPECT_EQ(used(all, cache), 0);
    EXPECT_EQ(cache.stats().added, 12);
    EXPECT_EQ(used(all, cache), 12) << "in the same process";
  }
  CoefficientCache cache({.folder = folder / "cache", .mode = CacheMode::read});
  EXPECT_EQ(cache.stats().images, 12);
  EXPECT_EQ(used(all, cache), 12);
  EXPECT_EQ(used(photos(14), cache), 12);
  EXPECT_EQ(cache.stats().misses, 2);
  EXPECT_EQ(cache.stats().added, 0);
}

TEST(CoefficientCache, IgnoresAndReplacesRecordsOfOtherVersionsOfAFile) {
  const TemporaryFolder folder;
  auto all = photos(3);
  CoefficientCache cache({.folder = folder / "cache"});
  used(all, cache);
  all[1].mtime_ns = 2;
  EXPECT_EQ(used(all, cache), 2);
  EXPECT_EQ(cache.stats().stale, 1);
  EXPECT_EQ(used(all, cache), 3);
  EXPECT_EQ(cache.find("train/1.jpg")->entry.mtime_ns, 2);
  EXPECT_EQ(cache.find("train/9.jpg"), nullptr);
}

TEST(CoefficientCache, StopsAtItsLimitAndWarnsOnce) {
  const TemporaryFolder folder;
  const auto all = photos(30);
  constexpr std::int64_t limit = 60'000;
  CoefficientCache cache({.folder = folder / "", .limit = limit});
  used(all, cache);
  EXPECT_FALSE(cache.accepts());
  EXPECT_EQ(cache.take_warning(),
            "the cache '" + (folder / "") +
                "' is full: cache_limit is 60000 bytes; no further images are "
                "added to the cache");
  EXPECT_EQ(cache.take_warning(), "");
  std::int64_t bytes = 0;
  for (const auto& file : fs::directory_iterator(folder.path()))
    bytes += static_cast<std::int64_t>(fs::file_size(file));
  EXPECT_LE(bytes, limit);
  EXPECT_GT(used(all, cache), 0);
}

// As on a full disk: the write of a record fails in its middle.
TEST(CoefficientCache, StopsWhereNothingMoreCanBeWritten) {
  const TemporaryFolder folder;
  const auto all = photos(30);
  std::signal(SIGXFSZ, SIG_IGN);
  ::rlimit before = {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const ::rlimit low = {.rlim_cur = 40'000, .rlim_max = before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &low), 0);
  {
    CoefficientCache cache({.folder = folder / ""});
    used(all, cache);
    EXPECT_FALSE(cache.accepts());
    EXPECT_THAT(cache.take_warning(),
                testing::EndsWith("File too large; no further images are added to the cache"));
    const int kept = used(all, cache);
    EXPECT_GT(kept, 0);
    EXPECT_LT(kept, 30);
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_LE(fs::file_size(only_file(folder / "", ".records")), 40'000U);
  CoefficientCache cache({.folder = folder / ""});
  used(all, cache);
  EXPECT_EQ(used(all, cache), 30);
  EXPECT_EQ(cache.stats().damaged, 0);
}

TEST(CoefficientCache, NeedsAFolderThatExistsUnlessItFills) {
  const TemporaryFolder folder;
  const CaughtError caught = caught_from(
      [&] { CoefficientCache cache({.folder = folder / "none", .mode = CacheMode::only}); });
  EXPECT_EQ(caught.kind, ErrorKind::config);
  EXPECT_EQ(caught.message, "error: the cache '" + (folder / "none") +
                                "': there is no such folder\n   at pinfeed.cache\n");
}

TEST(CoefficientCache, IsFilledAndReadByTwoAtOnce) {
  const TemporaryFolder folder;
  const auto all = photos(40);
  const std::vector<Photo> first(all.begin(), all.begin() + 25);
  const std::vector<Photo> second(all.begin() + 15, all.end());
  {
    CoefficientCache one({.folder = folder / ""});
    CoefficientCache two({.folder = folder / ""});
    std::thread other([&] { used(second, two); });
    used(first, one);
    other.join();
    std::this_thread::sleep_for(std::chrono::milliseconds(2100));
    EXPECT_EQ(used(all, one), 40) << "records of the other one are found after two seconds";
  }
  CoefficientCache cache({.folder = folder / "", .mode = CacheMode::read});
  EXPECT_EQ(used(all, cache), 40);
}

}  // namespace
}  // namespace pinfeed::image
