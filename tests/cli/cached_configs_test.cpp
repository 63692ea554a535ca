// SPDX-License-Identifier: Apache-2.0
// The batches of each config of this repository do not depend on a cache.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "pinfeed/synthetic/shapes.h"
#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

namespace fs = std::filesystem;

// The command for the config, with the generated images as its data.
std::vector<std::string> hashed_batches(const std::string& config, const std::string& data) {
  const std::string dataset = "train_dataloader.dataset.";
  return {"batches",
          config,
          "--limit",
          "2",
          "--hash",
          "--cfg-options",
          dataset + "data_root=" + data + "/",
          dataset + "ann_file=annotations/train.json",
          dataset + "data_prefix.img=train/",
          dataset + "metainfo.classes=(circle,square,triangle,star,cross)"};
}

TEST(CachedConfigs, MakeTheSameBatches) {
  const TemporaryFolder folder;
  const std::string data = folder / "shapes";
  write_shapes({.images = 12, .val = 2}, data);
  const std::string cache = "pinfeed.cache=" + (folder / "cached");
  for (const char* configs : {"configs", "bench/configs"}) {
    for (const auto& file : fs::directory_iterator(fs::path(PINFEED_SOURCE_DIR) / configs)) {
      if (file.path().extension() != ".py") continue;
      const std::string config = file.path();
      const std::vector<std::string> plain = hashed_batches(config, data);
      std::vector<std::string> filling = plain;
      filling.push_back(cache);
      std::vector<std::string> reading = filling;
      reading.emplace_back("pinfeed.cache_mode=only");
      const Outcome expected = program(plain, folder.path());
      EXPECT_EQ(expected.code, 0) << expected.err;
      EXPECT_FALSE(expected.out.empty()) << config;
      fs::remove_all(folder / "cached");
      EXPECT_EQ(program(filling, folder.path()).out, expected.out) << config;
      const Outcome found = program(reading, folder.path());
      EXPECT_EQ(found.out, expected.out) << config << found.err;
    }
  }
}

}  // namespace
}  // namespace pinfeed::test
