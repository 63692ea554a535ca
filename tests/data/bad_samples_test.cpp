// SPDX-License-Identifier: Apache-2.0
// Batches with images that cannot be used (docs/config.md, Samples that cannot be used).
#include "pinfeed/data/bad_samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/data/unusable_images.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;

TEST_F(BadSamplesTest, SkipUsesTheNextRecordAndBatchesStayFull) {
  const auto whole = epoch_of(loader("on_bad_sample='skip'"));
  truncate(5);
  mark_bad(11);
  const auto [ids, digests] = epoch_of(loader("on_bad_sample='skip'"));
  EXPECT_THAT(ids, ElementsAre(0, 1, 2, 3, 4, 6, 6, 7, 8, 9, 10, 0));
  EXPECT_EQ(digests[0], whole.second[0]);
  EXPECT_NE(digests[1], whole.second[1]);
}

TEST_F(BadSamplesTest, SkipContinuesIfTheNextRecordIsBadToo) {
  for (const int bad : {4, 5, 6}) truncate(bad);
  mark_bad(7);
  EXPECT_THAT(epoch_of(loader("on_bad_sample='skip', max_bad_fraction=1.0")).first,
              ElementsAre(0, 1, 2, 3, 8, 8, 8, 8, 8, 9, 10, 11));
}

TEST_F(BadSamplesTest, RefetchUsesTheSameRandomRecordInEveryRun) {
  const auto whole = epoch_of(loader("on_bad_sample='refetch'"));
  truncate(5);
  mark_bad(9);
  const auto once = epoch_of(loader("on_bad_sample='refetch'", 1));
  EXPECT_EQ(epoch_of(loader("on_bad_sample='refetch'", 4)), once);
  ASSERT_EQ(once.first.size(), whole.first.size());
  for (std::size_t i = 0; i < once.first.size(); ++i) {
    if (i == 5 || i == 9) {
      EXPECT_NE(once.first[i], whole.first[i]);
    } else {
      EXPECT_EQ(once.first[i], whole.first[i]);
    }
  }
  EXPECT_EQ(once.second[0], whole.second[0]);
}

TEST_F(BadSamplesTest, AFailureInRenderingChangesNoOtherBatchWithReplay) {
  const std::string own = "on_bad_sample='refetch', replay='openmmlab'";
  const std::string workers = "num_workers=2, ";
  const auto whole = epoch_of(loader(own, 2, workers));
  truncate(1);
  const auto changed = epoch_of(loader(own, 2, workers));
  EXPECT_NE(changed.first[1], 1);
  EXPECT_NE(changed.second[0], whole.second[0]);
  EXPECT_EQ(changed.second[1], whole.second[1]);
  EXPECT_EQ(changed.second[2], whole.second[2]);
}

TEST_F(BadSamplesTest, AnImageInsideAMosaicIsReplacedToo) {
  truncate(3);
  const std::string mixed =
      "dict(type='MultiImageMixDataset', dataset=dict(type='CocoDataset', data_root='" +
      folder.path() +
      "', ann_file='a.json', data_prefix=dict(img=''), metainfo=dict(classes=('cat',)), "
      "pipeline=[dict(type='LoadImageFromFile'), dict(type='LoadAnnotations')]), pipeline="
      "[dict(type='Mosaic', img_scale=(40, 40)), dict(type='PackDetInputs')])";
  const std::string own = "on_bad_sample='refetch', max_bad_fraction=1.0";
  const auto once = epoch_of(loader_of(mixed, own, 1, ""));
  EXPECT_EQ(once.first.size(), 12U);
  EXPECT_EQ(epoch_of(loader_of(mixed, own, 3, "")), once);
}

TEST_F(BadSamplesTest, ResumesAfterABadSample) {
  truncate(2);
  const auto all = epoch_of(loader("on_bad_sample='refetch'"));
  Loader late = loader("on_bad_sample='refetch'");
  late.seek({0, 1});
  EXPECT_EQ(digest(*late.next()), all.second[1]);
}

TEST_F(BadSamplesTest, RaiseNamesTheFileAndTheBatch) {
  truncate(5);
  Loader batches = loader("");
  EXPECT_TRUE(batches.next().has_value());
  const std::string bytes = std::to_string(std::filesystem::file_size(path(5)));
  EXPECT_THAT(
      without_folder(failure([&] { (void)batches.next(); })),
      testing::MatchesRegex("error: JPEG ends early: [0-9]+ of 32 rows, the file has " + bytes +
                            " bytes\n"
                            "  while reading 5.jpg\n"
                            "  while LoadImageFromFile worked on 5.jpg\n"
                            "  while loading sample 5\n"
                            "  while filling batch 1 of epoch 0\n"
                            "help: check the file, or set pinfeed = "
                            "dict\\(on_bad_sample='skip'\\)\n"));
  EXPECT_TRUE(batches.next().has_value());
}

TEST_F(BadSamplesTest, TheLedgerHasFileOffsetStepAndReason) {
  truncate(5);
  mark_bad(9);
  const std::string ledger = folder.path() + "/bad.jsonl";
  Loader batches = loader("on_bad_sample='skip', bad_sample_ledger='" + ledger + "'");
  std::vector<std::string> warnings;
  batches.warn_to([&](const std::string& text) { warnings.push_back(without_folder(text)); });
  (void)epoch_of(std::move(batches));
  std::ifstream file(ledger);
  std::string first;
  std::string second;
  std::getline(file, first);
  std::getline(file, second);
  const std::string bytes = std::to_string(std::filesystem::file_size(path(5)));
  EXPECT_THAT(without_folder(first),
              testing::MatchesRegex(R"(\{"file": "5.jpg", "byte_offset": )" + bytes +
                                    R"(, "step": "LoadImageFromFile", "reason": "JPEG ends early: )"
                                    R"([0-9]+ of 32 rows, the file has )" +
                                    bytes + R"( bytes", "sample": 5, "epoch": 0, "batch": 1\})"));
  EXPECT_EQ(
      without_folder(second),
      R"({"file": "9.jpg", "byte_offset": null, "step": "LoadImageFromFile", "reason": )"
      R"("not an image: the file begins with 6e 6f 20 69", "sample": 9, "epoch": 0, "batch": 2})");
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_EQ(warnings[1],
            "sample 9 was replaced: 9.jpg: not an image: the file begins with 6e 6f 20 69");
}

// The ledger is written from the data of the error, so the words in a path do not matter.
TEST_F(BadSamplesTest, TheLedgerNamesTheFileForAnyFolderName) {
  const std::string odd = folder.path() + "/annotation 7 of worked on/";
  std::filesystem::create_directories(odd);
  for (int i = 0; i < image_count; ++i) {
    std::filesystem::rename(path(i), odd + std::to_string(i) + ".jpg");
  }
  std::ofstream(odd + "4.jpg") << "no image";
  const std::string ledger = folder.path() + "/bad.jsonl";
  const std::string records =
      "dict(type='CocoDataset', data_root='" + folder.path() +
      "', ann_file='a.json', data_prefix=dict(img='annotation 7 of worked on/'), "
      "metainfo=dict(classes=('cat',)), pipeline=[dict(type='LoadImageFromFile'), "
      "dict(type='LoadAnnotations'), dict(type='PackDetInputs')])";
  (void)epoch_of(
      loader_of(records, "on_bad_sample='skip', bad_sample_ledger='" + ledger + "'", 1, ""));
  std::ifstream file(ledger);
  std::string line;
  std::getline(file, line);
  EXPECT_THAT(line, testing::HasSubstr(R"({"file": ")" + odd + R"(4.jpg", )"));
  EXPECT_THAT(line, testing::HasSubstr(R"("step": "LoadImageFromFile", )"));
  EXPECT_THAT(line, testing::Not(testing::HasSubstr(R"("annotation")")));
  EXPECT_FALSE(std::getline(file, line));
}

TEST_F(BadSamplesTest, TooManyBadSamplesAreAnError) {
  for (const int bad : {4, 5, 6, 7}) mark_bad(bad);
  Loader batches = loader("on_bad_sample='skip', max_bad_fraction=0.02");
  EXPECT_TRUE(batches.next().has_value());
  EXPECT_EQ(failure([&] { (void)batches.next(); }),
            "error: 4 of 9 samples were bad; max_bad_fraction is 0.02\n"
            "  while filling batch 1 of epoch 0\n"
            "help: pinfeed = dict(bad_sample_ledger='bad.jsonl') writes them down\n");
}

// 78 attempts meet them, each of the first twelve samples walks over those behind it.
TEST(BadSampleLedgerTest, CountsASampleOnceForAnyNumberOfAttempts) {
  std::vector<BadSample> walked;
  for (int first = 0; first < 12; ++first) {
    for (int i = first; i < 12; ++i) walked.push_back({.file = std::to_string(i), .index = i});
  }
  BadSampleLedger large("", 0.05, 400);
  EXPECT_NO_THROW(large.add(walked, {}, 0, 0));
  BadSampleLedger small("", 0.05, 200);
  EXPECT_THROW(small.add(walked, {}, 0, 0), Error);
}

TEST_F(BadSamplesTest, WithoutAnyUsableSampleTheErrorNamesThat) {
  for (int i = 0; i < image_count; ++i) mark_bad(i);
  Loader batches = loader("on_bad_sample='skip', max_bad_fraction=1.0");
  EXPECT_THAT(failure([&] { (void)batches.next(); }),
              testing::StartsWith("error: CocoDataset: every one of 1001 samples was bad\n"));
}

TEST_F(BadSamplesTest, NamesTheKnownRules) {
  const std::string message = failure([&] { (void)loader("on_bad_sample='ignore'"); });
  EXPECT_EQ(message.substr(0, message.find('\n')),
            "error: on_bad_sample must be 'raise' or 'skip' or 'refetch', not str 'ignore'");
}

}  // namespace
}  // namespace pinfeed
