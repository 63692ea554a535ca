// SPDX-License-Identifier: Apache-2.0
// Mixing steps beside images that cannot be used, and the fraction of bad samples of data sets that
// repeat their records.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "pinfeed/data/bad_samples.h"
#include "tests/data/unusable_images.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;

class BrokenPartners : public BadSamplesTest {
 protected:
  std::string coco(const std::string& steps) const {
    return "dict(type='CocoDataset', data_root='" + folder.path() +
           "', ann_file='a.json', data_prefix=dict(img=''), metainfo=dict(classes=('cat',)), "
           "pipeline=[dict(type='LoadImageFromFile'), dict(type='LoadAnnotations'), " +
           steps + "])";
  }
  // The ids of an epoch, its digests, and the files in the ledger, each once for each line.
  struct Epoch {
    Ids ids;
    std::vector<std::string> digests;
    std::vector<std::string> bad;
  };
  Epoch skipped(const std::string& records, int threads = 2, const std::string& own = "") const {
    const std::string ledger = folder.path() + "/bad.jsonl";
    std::filesystem::remove(ledger);
    const auto [ids, digests] = epoch_of(loader_of(
        records, "on_bad_sample='skip', bad_sample_ledger='" + ledger + "'" + own, threads, ""));
    Epoch epoch{ids, digests, {}};
    std::ifstream file(ledger);
    for (std::string line; std::getline(file, line);) {
      line = without_folder(line);
      epoch.bad.push_back(line.substr(10, line.find('"', 10) - 10));
    }
    return epoch;
  }

  const std::string mosaic =
      "dict(type='CachedMosaic', img_scale=(40, 40), max_cached_images=8, prob=1.0), "
      "dict(type='PackDetInputs')";
};

// Each of the later samples takes three of those before it.
TEST_F(BrokenPartners, OfACachedMosaicAreReplacedAndTheOthersStay) {
  const Epoch whole = skipped(coco(mosaic));
  EXPECT_THAT(whole.bad, ElementsAre());
  mark_bad(3);
  const Epoch unplannable = skipped(coco(mosaic));
  EXPECT_THAT(unplannable.ids, ElementsAre(0, 1, 2, 4, 4, 5, 6, 7, 8, 9, 10, 11));
  EXPECT_THAT(unplannable.bad, ElementsAre("3.jpg"));
}

TEST_F(BrokenPartners, ThatAreFoundWhenTheyAreDecodedGiveTheSameBatches) {
  mark_bad(3);
  const Epoch unplannable = skipped(coco(mosaic));
  image::write_jpeg(image::make_image({48, 32}), path(3));
  truncate(3);
  const Epoch undecodable = skipped(coco(mosaic));
  EXPECT_EQ(undecodable.ids, unplannable.ids);
  EXPECT_EQ(undecodable.digests, unplannable.digests);
  EXPECT_THAT(undecodable.bad, ElementsAre("3.jpg"));
  EXPECT_EQ(skipped(coco(mosaic), 1).digests, undecodable.digests);
  EXPECT_EQ(skipped(coco(mosaic), 4).digests, undecodable.digests);
}

TEST_F(BrokenPartners, OfAResumedRunGiveTheSameBatch) {
  truncate(3);
  const Epoch all = skipped(coco(mosaic));
  Loader late = loader_of(coco(mosaic), "on_bad_sample='skip'", 2, "");
  late.seek({0, 2});
  EXPECT_EQ(digest(*late.next()), all.digests[2]);
}

TEST_F(BrokenPartners, OfAMosaicAreReplacedAndTheOthersStay) {
  truncate(3);
  const std::string mixed =
      "dict(type='MultiImageMixDataset', dataset=" + coco("") +
      ", pipeline=[dict(type='Mosaic', img_scale=(40, 40)), dict(type='PackDetInputs')])";
  const Epoch epoch = skipped(mixed);
  EXPECT_THAT(epoch.ids, ElementsAre(0, 1, 2, 4, 4, 5, 6, 7, 8, 9, 10, 11));
  EXPECT_EQ(std::set<std::string>(epoch.bad.begin(), epoch.bad.end()),
            std::set<std::string>{"3.jpg"});
}

// 12 records, of which 7 are bad: more than 5 % of 100.
TEST_F(BrokenPartners, OfARepeatedDataSetCountOnce) {
  for (int i = 0; i < 7; ++i) mark_bad(i);
  const std::string inner = coco("dict(type='PackDetInputs')");
  EXPECT_EQ(failure([&] { skipped(inner); }).substr(0, 21), "error: 7 of 8 samples");
  const std::string repeated = "dict(type='RepeatDataset', times=50, dataset=" + inner + ")";
  EXPECT_EQ(failure([&] { skipped(repeated); }).substr(0, 21), "error: 7 of 8 samples");
  const std::string twice = "dict(type='ConcatDataset', datasets=[" + repeated + "])";
  EXPECT_EQ(failure([&] { skipped(twice); }).substr(0, 21), "error: 7 of 8 samples");
}

TEST_F(BrokenPartners, ALedgerThatCannotBeWrittenIsAnErrorBeforeTheFirstBatch) {
  const std::string own = "on_bad_sample='skip', bad_sample_ledger='" + folder.path() + "/no/b'";
  EXPECT_EQ(without_folder(failure([&] { (void)loader(own); })),
            "error: cannot write no/b: No such file or directory\n");
}

}  // namespace
}  // namespace pinfeed
