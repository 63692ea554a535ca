// SPDX-License-Identifier: Apache-2.0
// Loaders with pinfeed.cache.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "pinfeed/config/read.h"
#include "pinfeed/core/error.h"
#include "pinfeed/data/loader/builtin_catalogs.h"
#include "pinfeed/data/loader/loader.h"
#include "pinfeed/image/cache/coefficient_cache.h"
#include "pinfeed/inspect/digest.h"
#include "pinfeed/synthetic/shapes.h"
#include "tests/shapes_config.h"
#include "tests/temporary_folder.h"

namespace pinfeed {
namespace {

namespace fs = std::filesystem;

class CachedLoader : public testing::Test {
 protected:
  void SetUp() override { write_shapes({.images = 12, .val = 2}, folder_ / "shapes"); }

  // The loader of a config whose pinfeed section has these keys.
  Loader loader(const std::string& keys, const std::string& steps = "") const {
    const std::string path = folder_.write(
        "config.py",
        "train_dataloader = dict(batch_size=4, sampler=dict(type='DefaultSampler', shuffle=True), "
        "dataset=" +
            test::shapes_dataset(
                folder_ / "shapes",
                "dict(type='LoadImageFromFile'), dict(type='LoadAnnotations', with_bbox=True), " +
                    steps + "dict(type='RandomFlip', prob=0.5), dict(type='PackDetInputs')") +
            ")\npinfeed = dict(" + keys + ")\n");
    const Config config = read_config(path);
    return make_loader(config.root, "train_dataloader", builtin(), loader_options(config.root));
  }

  // The digests of two epochs.
  static std::vector<std::string> digests(Loader loader) {
    std::vector<std::string> all;
    while (loader.state().epoch < 2) {
      if (const auto batch = loader.next()) all.push_back(digest(*batch));
    }
    return all;
  }

  std::string cache_keys(const std::string& mode = "fill") const {
    return fmt::format("cache='{}', cache_mode='{}'", folder_ / "cache", mode);
  }

  test::TemporaryFolder folder_;
};

constexpr auto resize = "dict(type='Resize', scale=(200, 100), keep_ratio=True), ";

TEST_F(CachedLoader, MakesTheSameBatches) {
  const auto plain = digests(loader("", resize));
  EXPECT_EQ(digests(loader(cache_keys(), resize)), plain) << "filling";
  EXPECT_EQ(digests(loader(cache_keys("read"), resize)), plain);
  EXPECT_EQ(digests(loader(cache_keys("only"), resize)), plain);
  image::CoefficientCache cache({.folder = folder_ / "cache", .mode = image::CacheMode::read});
  EXPECT_EQ(cache.stats().images, 12);
}

TEST_F(CachedLoader, NeedsNoFilesIfItHasAllImages) {
  const auto plain = digests(loader("", resize));
  (void)digests(loader(cache_keys()));
  fs::remove_all(folder_ / "shapes/train");
  EXPECT_EQ(digests(loader(cache_keys("only"), resize)), plain);
}

TEST_F(CachedLoader, NamesAnImageThatIsMissing) {
  fs::create_directories(folder_ / "cache");
  Loader only = loader(cache_keys("only"));
  try {
    (void)only.next();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_THAT(error.text(), testing::HasSubstr("has no record of 'train/"));
  }
}

TEST_F(CachedLoader, ReadsTheFileWhereItsRecordIsDamaged) {
  const auto plain = digests(loader(""));
  (void)digests(loader(cache_keys()));
  for (const auto& file : fs::directory_iterator(folder_ / "cache")) {
    if (file.path().extension() != ".records") continue;
    std::fstream bytes(file.path(), std::ios::binary | std::ios::in | std::ios::out);
    for (std::uint64_t at = 500; at < fs::file_size(file); at += 2000) {
      bytes.seekp(static_cast<std::streamoff>(at));
      bytes.put('#');
    }
  }
  EXPECT_EQ(digests(loader(cache_keys("read"))), plain);
  EXPECT_EQ(digests(loader(cache_keys())), plain);
  image::CoefficientCache cache({.folder = folder_ / "cache", .mode = image::CacheMode::read});
  int intact = 0;
  cache.for_each(
      [&](const image::CachedImage& image) { intact += cache.is_intact(image) ? 1 : 0; });
  EXPECT_EQ(intact, 12) << "filling has replaced the damaged records";
}

TEST_F(CachedLoader, NoticesAChangedFile) {
  (void)digests(loader(cache_keys()));
  for (const auto& file : fs::directory_iterator(folder_ / "shapes/train")) {
    fs::copy_file(*fs::directory_iterator(folder_ / "shapes/val"), file.path(),
                  fs::copy_options::overwrite_existing);
  }
  EXPECT_EQ(digests(loader(cache_keys("read"))), digests(loader("")));
}

}  // namespace
}  // namespace pinfeed
