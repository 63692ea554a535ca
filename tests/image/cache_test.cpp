// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "pinfeed/image/cache/coefficient_cache.h"
#include "pinfeed/image/expression/render.h"
#include "tests/image/made_jpegs.h"
#include "tests/temporary_folder.h"

namespace pinfeed::image {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

// Files in memory, as a loader would read them.
struct Photo {
  std::string path = {};
  Text file = {};
  Header header = {};
  std::int64_t mtime_ns = 1;
};

std::vector<Photo> photos(int count, std::uint32_t seed = 1) {
  Mt19937 random(seed);
  std::vector<Photo> all;
  for (int i = 0; i < count; ++i) {
    const JpegKind kind{.size = {any(random, 20, 90), any(random, 20, 90)}, .quality = 85};
    Photo photo{.path = "train/" + std::to_string(i) + ".jpg", .file = made_jpeg(kind, random)};
    photo.header = read_header(photo.file, photo.path);
    all.push_back(std::move(photo));
  }
  return all;
}

// Renders the photo as LoadImageFromFile prepares it. Returns whether its record was used.
bool rendered(const Photo& photo, CoefficientCache* cache, std::uint32_t& checksum) {
  Encoded encoded{.path = photo.path, .header = photo.header};
  if (cache != nullptr) {
    CacheUse& use = encoded.cache;
    use = {.cache = cache, .path = photo.path, .mtime_ns = photo.mtime_ns};
    use.found = cache->find(photo.path, photo.file.size(), photo.mtime_ns);
    if (use.found != nullptr && !cache->is_intact(*use.found)) use.found = nullptr;
    use.wanted = use.found == nullptr && cache->accepts();
  }
  if (encoded.cache.found == nullptr) encoded.bytes = photo.file;
  Arena arena;
  const Size half = {photo.header.stored.width / 2, photo.header.stored.height / 2};
  checksum = crc32_of(render(resized(decoded(&encoded, arena), half, Interpolation::bilinear)));
  return encoded.cache.found != nullptr;
}

// Renders all and compares with the pixels without a cache. Returns how many records were used.
int used(const std::vector<Photo>& all, CoefficientCache& cache) {
  int count = 0;
  for (const Photo& photo : all) {
    std::uint32_t expected = 0;
    std::uint32_t found = 0;
    rendered(photo, nullptr, expected);
    if (rendered(photo, &cache, found)) ++count;
    EXPECT_EQ(found, expected) << photo.path;
  }
  cache.flush();
  return count;
}

std::string only_file(const TemporaryFolder& folder, const std::string& extension) {
  std::string found;
  for (const auto& file : fs::directory_iterator(folder.path())) {
    if (file.path().extension() == extension) found = file.path();
  }
  return found;
}

void flip_byte(const std::string& path, std::uint64_t at) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x10));
}

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

TEST(CoefficientCache, ReplacesDamagedRecords) {
  const TemporaryFolder folder;
  const auto all = photos(20);
  { used(all, *std::make_unique<CoefficientCache>(CacheOptions{.folder = folder / ""})); }
  const std::string records = only_file(folder, ".records");
  Mt19937 random(3);
  for (int flips = 0; flips < 5; ++flips)
    flip_byte(records, 64 + random.next() % (fs::file_size(records) - 64));
  CoefficientCache cache({.folder = folder / ""});
  const int intact = used(all, cache);
  EXPECT_LT(intact, 20);
  EXPECT_EQ(cache.stats().damaged, 20 - intact);
  EXPECT_EQ(used(all, cache), 20);
}

TEST(CoefficientCache, SurvivesFlippedBytesOfTheIndex) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const TemporaryFolder folder;
    const auto all = photos(6, seed);
    { used(all, *std::make_unique<CoefficientCache>(CacheOptions{.folder = folder / ""})); }
    const std::string index = only_file(folder, ".index");
    Mt19937 random(seed);
    flip_byte(index, random.next() % fs::file_size(index));
    CoefficientCache cache({.folder = folder / ""});
    EXPECT_LE(used(all, cache), 6);
    EXPECT_EQ(used(all, cache), 6);
  }
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
  EXPECT_LE(fs::file_size(only_file(folder, ".records")), 40'000U);
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

// A process that ends while it writes leaves a cache from which the next one reads and to which it
// adds.
TEST(CoefficientCache, SurvivesKilledProcesses) {
  const TemporaryFolder folder;
  const auto all = photos(60);
  const char* repeats = std::getenv("PINFEED_LONG");
  const int kills = repeats == nullptr ? 10 : 10 * std::atoi(repeats);
  Mt19937 random(1);
  for (int i = 0; i < kills; ++i) {
    const ::pid_t child = ::fork();
    if (child == 0) {
      CoefficientCache cache({.folder = folder / ""});
      for (int again = 0;; ++again) {
        for (Photo photo : all) {
          std::uint32_t ignored = 0;
          photo.mtime_ns = i * 1000 + again;
          rendered(photo, &cache, ignored);
        }
      }
    }
    std::this_thread::sleep_for(std::chrono::microseconds(2000 + random.next() % 60000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    CoefficientCache cache({.folder = folder / ""});
    used(all, cache);
    EXPECT_EQ(cache.stats().damaged, 0);
  }
  CoefficientCache cache({.folder = folder / "", .mode = CacheMode::read});
  EXPECT_EQ(used(all, cache), 60);
}

TEST(CoefficientCache, CutsWhatAKilledProcessLeft) {
  const TemporaryFolder folder;
  const auto all = photos(5);
  { used(all, *std::make_unique<CoefficientCache>(CacheOptions{.folder = folder / ""})); }
  const std::string records = only_file(folder, ".records");
  const std::string index = only_file(folder, ".index");
  const auto records_size = fs::file_size(records);
  const auto index_size = fs::file_size(index);
  std::ofstream(records, std::ios::app) << std::string(5000, 'x');
  std::ofstream(index, std::ios::app) << std::string(50, 'x');
  CoefficientCache cache({.folder = folder / ""});
  EXPECT_EQ(fs::file_size(records), records_size);
  EXPECT_EQ(fs::file_size(index), index_size);
  EXPECT_EQ(used(all, cache), 5);
}

}  // namespace
}  // namespace pinfeed::image
