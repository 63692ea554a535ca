// SPDX-License-Identifier: Apache-2.0
// What depends on the number of ranks, and what does not (docs/config.md, Randomness).
#include <gtest/gtest.h>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/inspect/digest.h"
#include "pinfeed/synthetic/shapes.h"
#include "planning.h"
#include "tests/shapes_config.h"

namespace pinfeed {
namespace {

// Loaders over 12 images.
class RankedLoader : public testing::Test {
 protected:
  RankedLoader() { write_shapes({.images = 12, .val = 1, .size = {96, 64}}, folder.path()); }

  Loader made(const std::string& sampler, const std::string& step, int world_size, int rank,
              int batch_size, bool whole_batches = false) const {
    const Value config =
        read_config_text(
            "train_dataloader = dict(batch_size=" + std::to_string(batch_size) + ", " + sampler +
            ", dataset=" +
            test::shapes_dataset(folder.path(),
                                 "dict(type='LoadImageFromFile'), dict(type='LoadAnnotations', "
                                 "with_bbox=True), " +
                                     step + "dict(type='PackDetInputs')") +
            ")\n")
            .root;
    LoaderOptions options = loader_options(config);
    options.rank = rank;
    options.world_size = world_size;
    options.whole_batches = whole_batches;
    return make_loader(config, "train_dataloader", catalogs(), options);
  }
  // The digests of one epoch, by batch and within a batch by rank.
  std::vector<std::string> digests(const std::string& sampler, const std::string& step,
                                   int world_size, std::int64_t epoch) const {
    std::vector<std::string> all;
    std::vector<Loader> ranks;
    for (int rank = 0; rank < world_size; ++rank) {
      ranks.push_back(made(sampler, step, world_size, rank, 1));
      ranks.back().seek({epoch, 0});
    }
    for (bool more = true; more;) {
      for (Loader& rank : ranks) {
        const std::optional<Batch> batch = rank.next();
        more = batch && all.size() < 12;
        if (more) all.push_back(digest(*batch));
      }
    }
    return all;
  }
  std::string warned(const std::string& sampler, const std::string& step, int world_size) const {
    const Loader loader = made(sampler, step, world_size, 0, 2);
    std::string text;
    for (const std::string& warning : loader.dataset().warnings) text += warning;
    const std::string prefix = "the batches depend on the number of ranks: ";
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
  }
  Folder folder;
};

TEST_F(RankedLoader, WarnsWhereTheNumberOfRanksMatters) {
  const std::string standard = "sampler=dict(type='DefaultSampler', shuffle=True)";
  const std::string cached = "dict(type='CachedMixUp', img_scale=(64, 64)), ";
  EXPECT_EQ(warned(standard, "", 2), "");
  EXPECT_EQ(warned(standard, cached, 1), "");
  EXPECT_EQ(warned(standard, "", 4), "12 samples are not a multiple of 8");
  EXPECT_EQ(warned(standard, cached, 3), "a cached step uses only the samples of its own rank");
  EXPECT_EQ(warned("sampler=dict(type='InfiniteSampler')", "", 4), "");
  EXPECT_EQ(warned("sampler=dict(type='ClassAwareSampler')", "", 2),
            "ClassAwareSampler does not distribute one order over the ranks");
  EXPECT_EQ(warned(standard + ", batch_sampler=dict(type='AspectRatioBatchSampler')",
                   "dict(type='RandomApply', prob=0.5, transforms=[" + cached + "]), ", 2),
            "AspectRatioBatchSampler makes the batches of each rank separately; a cached step uses "
            "only the samples of its own rank");
}

TEST_F(RankedLoader, MakesTheSameSamplesForAnyNumberOfRanks) {
  const std::string augmented =
      "dict(type='RandomFlip', prob=0.5), dict(type='PhotoMetricDistortion'), ";
  for (const char* name : {"DefaultSampler", "InfiniteSampler", "KeyedSampler"}) {
    const std::string sampler = "sampler=dict(type='" + std::string(name) + "')";
    for (const std::int64_t epoch : {0, 1}) {
      if (epoch > 0 && name == std::string("InfiniteSampler")) continue;  // it has one
      const std::vector<std::string> alone = digests(sampler, augmented, 1, epoch);
      ASSERT_EQ(alone.size(), 12U);
      for (const int world_size : {2, 3, 12}) {
        EXPECT_EQ(digests(sampler, augmented, world_size, epoch), alone) << name << world_size;
      }
    }
  }
}

// The digests of all batches of an epoch.
std::vector<std::string> digests_of(Loader loader) {
  std::vector<std::string> all;
  while (const std::optional<Batch> batch = loader.next()) all.push_back(digest(*batch));
  return all;
}

TEST_F(RankedLoader, DividesTheBatchesOfOneProcess) {
  const std::string sampler = "sampler=dict(type='DefaultSampler', shuffle=False), drop_last=False";
  const std::string flipped = "dict(type='RandomFlip', prob=0.5), ";
  const std::vector<std::string> alone = digests_of(made(sampler, flipped, 1, 0, 5));
  ASSERT_EQ(alone.size(), 3U);  // 5, 5 and 2 samples
  for (const int world_size : {2, 3, 5}) {
    for (int rank = 0; rank < world_size; ++rank) {
      std::vector<std::string> expected;
      for (std::size_t i = static_cast<std::size_t>(rank); i < alone.size();
           i += static_cast<std::size_t>(world_size))
        expected.push_back(alone[i]);
      Loader loader = made(sampler, flipped, world_size, rank, 5, true);
      EXPECT_EQ(loader.batches_per_epoch(), std::ssize(expected));
      EXPECT_EQ(digests_of(std::move(loader)), expected) << rank << " of " << world_size;
    }
  }
}

}  // namespace
}  // namespace pinfeed
