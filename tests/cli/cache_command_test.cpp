// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "pinfeed/synthetic/shapes.h"
#include "tests/cli/program.h"
#include "tests/shapes_config.h"

namespace pinfeed::test {
namespace {

namespace fs = std::filesystem;
using testing::ContainsRegex;
using testing::HasSubstr;

class CacheCommand : public testing::Test {
 protected:
  void SetUp() override {
    write_shapes({.images = 10, .val = 2}, folder_ / "shapes");
    folder_.write("c.py",
                  "train_dataloader = dict(batch_size=4, sampler=dict(type='DefaultSampler', "
                  "shuffle=True), dataset=" +
                      shapes_dataset("shapes",
                                     "dict(type='LoadImageFromFile'), "
                                     "dict(type='Resize', scale=(90, 70), keep_ratio=False), "
                                     "dict(type='PackDetInputs')") +
                      ")\npinfeed = dict(cache='cached')\n");
  }

  std::string out(const std::vector<std::string>& arguments, int code = 0) const {
    const Outcome outcome = program(arguments, folder_.path());
    EXPECT_EQ(outcome.code, code) << outcome.err;
    return outcome.out;
  }

  std::string records() const {
    for (const auto& file : fs::directory_iterator(folder_ / "cached")) {
      if (file.path().extension() == ".records") return file.path();
    }
    return "";
  }

  TemporaryFolder folder_;
};

TEST_F(CacheCommand, FillsChecksAndClears) {
  EXPECT_THAT(out({"cache", "c.py"}), HasSubstr("10 images added, 0 were there; 0 are no usual "
                                                "JPEGs and are always decoded\n"));
  EXPECT_THAT(out({"cache", "c.py"}), HasSubstr("0 images added, 10 were there"));
  EXPECT_THAT(out({"cache", "c.py", "--status"}), HasSubstr("cached: 10 images, "));
  EXPECT_EQ(out({"cache", "c.py", "--verify"}),
            "10 records are intact, 0 are damaged\n"
            "10 files were compared, 0 have other contents than "
            "their records\n");
  EXPECT_THAT(out({"cache", "c.py", "--clear"}), HasSubstr("removed "));
  EXPECT_THAT(out({"cache", "c.py", "--status"}), HasSubstr("cached: 0 images, "));
}

TEST_F(CacheCommand, EstimatesFromTheFirstImages) {
  write_shapes({.images = 70, .val = 1}, folder_ / "shapes");
  const Outcome outcome = program({"cache", "c.py"}, folder_.path());
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, ContainsRegex("about [0-9.]+ MB for 70 images [(][0-9.]+ of the "
                                         "files[)], [0-9]+ s; then whole images are decoded at "
                                         "about [1-9][0-9]* images/s"));
}

TEST_F(CacheCommand, ClearsOnlyFilesOfACache) {
  (void)out({"cache", "c.py"});
  folder_.write("cached/own.index", std::string(100, 'x'));
  (void)out({"cache", "c.py", "--clear"});
  EXPECT_TRUE(fs::exists(folder_ / "cached/own.index"));
  EXPECT_EQ(records(), "");
  const Outcome missing = program({"cache", "c.py", "--dir", "none", "--clear"}, folder_.path());
  EXPECT_EQ(missing.code, 5);
  EXPECT_THAT(missing.err, HasSubstr("cannot read none: No such file or directory"));
}

TEST_F(CacheCommand, ChangesNoBatch) {
  const std::vector<std::string> batches = {"batches", "c.py", "--hash", "--limit", "3"};
  std::vector<std::string> without = batches;
  without.emplace_back("--no-cache");
  const std::string expected = out(without);
  EXPECT_FALSE(fs::exists(folder_ / "cached"));
  EXPECT_EQ(out(batches), expected);
  (void)out({"cache", "c.py"});
  EXPECT_EQ(out(batches), expected);
}

TEST_F(CacheCommand, NamesAndReplacesDamagedRecords) {
  (void)out({"cache", "c.py"});
  std::fstream file(records(), std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(fs::file_size(records()) - 300));
  file.put('#');
  file.close();
  const std::string found = out({"cache", "c.py", "--verify"}, 1);
  EXPECT_THAT(found, HasSubstr("damaged: train/"));
  EXPECT_THAT(found, HasSubstr("9 records are intact, 1 are damaged\n"));
  EXPECT_THAT(out({"cache", "c.py"}), HasSubstr("1 images added, 9 were there"));
}

TEST_F(CacheCommand, VerifyNamesFilesWithOtherContents) {
  (void)out({"cache", "c.py"});
  const fs::path image = fs::directory_iterator(folder_ / "shapes/train")->path();
  const fs::file_time_type time = fs::last_write_time(image);
  std::fstream file(image, std::ios::binary | std::ios::in | std::ios::out);
  file.seekp(static_cast<std::streamoff>(fs::file_size(image) / 2));
  file.put('#');
  file.close();
  fs::last_write_time(image, time);
  const std::string found = out({"cache", "c.py", "--verify"}, 1);
  EXPECT_THAT(found, HasSubstr("changed: shapes/train/" + image.filename().string()));
  EXPECT_THAT(found, HasSubstr("10 files were compared, 1 have other contents than their records"));
  fs::remove(image);
  EXPECT_THAT(out({"cache", "c.py", "--verify"}), HasSubstr("9 files were compared, 0 have"));
}

TEST_F(CacheCommand, VerifyComparesAFileOfSeveralSamplesOnce) {
  (void)out({"cache", "c.py"});
  folder_.write("twice.py",
                "_base_ = 'c.py'\ntrain_dataloader = dict(dataset=dict(_delete_=True, "
                "type='RepeatDataset', times=2, dataset=" +
                    shapes_dataset("shapes", "dict(type='LoadImageFromFile')") + "))\n");
  EXPECT_THAT(out({"cache", "twice.py", "--verify"}), HasSubstr("10 files were compared, 0 have"));
}

TEST_F(CacheCommand, NeedsAFolder) {
  const Outcome outcome =
      program({"cache", "c.py", "--cfg-options", "pinfeed.cache=None"}, folder_.path());
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("the config has no pinfeed.cache"));
}

}  // namespace
}  // namespace pinfeed::test
