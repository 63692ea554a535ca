// SPDX-License-Identifier: Apache-2.0
// Caches whose files were changed, and those of killed processes.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <thread>

#include "tests/image/cached_photos.h"

namespace pinfeed::image {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

void flip_byte(const std::string& path, std::uint64_t at) {
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x10));
}

TEST(DamagedCache, GivesTheSamePixelsAfterAnyChangeOfAByte) {
  const TemporaryFolder folder;
  const auto all = photos(6);
  { used(all, *std::make_unique<CoefficientCache>(CacheOptions{.folder = folder / "first"})); }
  Mt19937 random(5);
  for (int i = 0; i < times(20); ++i) {
    fs::remove_all(folder / "changed");
    fs::copy(folder / "first", folder / "changed");
    const std::string changed =
        only_file(folder / "changed", any(random, 0, 3) == 0 ? ".index" : ".records");
    flip_byte(changed, random.next() % fs::file_size(changed));
    CoefficientCache cache({.folder = folder / "changed", .mode = CacheMode::read});
    used(all, cache);
    used(all, cache);
  }
}

TEST(DamagedCache, SurvivesASegmentThatIsShortenedWhileItIsUsed) {
  const TemporaryFolder folder;
  const auto all = photos(30);
  CoefficientCache cache({.folder = folder / ""});
  used(all, cache);
  EXPECT_EQ(used(all, cache), 30);
  const std::string records = only_file(folder / "", ".records");
  fs::resize_file(records, fs::file_size(records) / 2);
  const int left = used(all, cache);
  EXPECT_GT(left, 5);
  EXPECT_LT(left, 25);
  EXPECT_EQ(cache.stats().damaged, 30 - left);
  fs::resize_file(records, 0);
  used(all, cache);
}

TEST(DamagedCache, ChangesNoFilesOfOthers) {
  const TemporaryFolder folder;
  const std::string own_name = "0123456789abcdef-7-0";
  const std::map<std::string, std::string> files = {
      {"notes.records", "mine"},       {"notes.index", ""},
      {"empty.records", ""},           {"empty.index", ""},
      {own_name + ".records", "mine"}, {own_name + ".index", ""}};
  for (const auto& [name, text] : files) std::ofstream(folder / name) << text;
  const auto all = photos(3);
  { used(all, *std::make_unique<CoefficientCache>(CacheOptions{.folder = folder / ""})); }
  for (const auto& [name, text] : files) {
    std::ifstream file(folder / name);
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text) << name;
  }
}

TEST(DamagedCache, UsesASegmentWhoseCreatorWasKilled) {
  const TemporaryFolder folder;
  const std::string base = folder / "0123456789abcdef-7-0";
  std::ofstream(base + ".records") << "PFCR";
  std::ofstream(base + ".index") << "";
  const auto all = photos(3);
  CoefficientCache cache({.folder = folder / ""});
  used(all, cache);
  EXPECT_EQ(used(all, cache), 3);
  EXPECT_GT(fs::file_size(base + ".records"), 64U);
}

TEST(DamagedCache, ReplacesDamagedRecords) {
  const TemporaryFolder folder;
  const auto all = photos(20);
  { used(all, *std::make_unique<CoefficientCache>(CacheOptions{.folder = folder / ""})); }
  const std::string records = only_file(folder / "", ".records");
  Mt19937 random(3);
  for (int flips = 0; flips < 5; ++flips)
    flip_byte(records, 64 + random.next() % (fs::file_size(records) - 64));
  CoefficientCache cache({.folder = folder / ""});
  const int intact = used(all, cache);
  EXPECT_LT(intact, 20);
  EXPECT_EQ(cache.stats().damaged, 20 - intact);
  EXPECT_EQ(used(all, cache), 20);
}

TEST(DamagedCache, SurvivesFlippedBytesOfTheIndex) {
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const TemporaryFolder folder;
    const auto all = photos(6, seed);
    { used(all, *std::make_unique<CoefficientCache>(CacheOptions{.folder = folder / ""})); }
    const std::string index = only_file(folder / "", ".index");
    Mt19937 random(seed);
    flip_byte(index, random.next() % fs::file_size(index));
    CoefficientCache cache({.folder = folder / ""});
    EXPECT_LE(used(all, cache), 6);
    EXPECT_EQ(used(all, cache), 6);
  }
}

// A process that ends while it writes leaves a cache from which the next one reads and to which it
// adds.
TEST(DamagedCache, SurvivesKilledProcesses) {
  const TemporaryFolder folder;
  const auto all = photos(60);
  const int kills = times(10);
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

TEST(DamagedCache, CutsWhatAKilledProcessLeft) {
  const TemporaryFolder folder;
  const auto all = photos(5);
  { used(all, *std::make_unique<CoefficientCache>(CacheOptions{.folder = folder / ""})); }
  const std::string records = only_file(folder / "", ".records");
  const std::string index = only_file(folder / "", ".index");
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
