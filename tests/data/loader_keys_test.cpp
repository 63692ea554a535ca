// SPDX-License-Identifier: Apache-2.0
// The keys of a data loader's dictionary, and those of `pinfeed` and `randomness`.
#include <gtest/gtest.h>

#include "pinfeed/data/loader.h"
#include "pinfeed/data/shapes.h"
#include "planning.h"

namespace pinfeed {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// What reading a loader with these keys says.
std::string said(const std::string& keys) {
  return first_line(failure([&] {
    check_data_loader(written("dict(dataset=dict(), sampler=dict(), num_workers=2, " + keys + ")"),
                      "train_dataloader");
  }));
}

std::string settings(const std::string& text) {
  return first_line(failure([&] { (void)loader_options(read_config_text(text + "\n").root); }));
}

TEST(LoaderKeys, TakesWhatChangesNothing) {
  for (const char* keys :
       {"in_order=True", "pin_memory_device=''", "multiprocessing_context='fork'", "timeout=30",
        "multiprocessing_context=None", "generator=None", "prefetch_factor=4",
        "prefetch_factor=None", "pin_memory=True", "persistent_workers=True",
        "worker_init_fn=dict(type='seeded')"}) {
    EXPECT_EQ(said(keys), "no error") << keys;
  }
}

TEST(LoaderKeys, RefusesWhatItDoesNotDo) {
  EXPECT_EQ(said("in_order=False"), "error: in_order is False; batches always come in their order");
  EXPECT_EQ(said("pin_memory_device='cuda:1'"),
            "error: pin_memory_device is 'cuda:1'; batches go to the device of the run");
  EXPECT_EQ(said("generator=dict(seed=3)"),
            "error: a data loader does not support 'generator': the sampler's seed and "
            "randomness.seed are where chance begins");
}

// A loader over 12 pictures, two to a batch.
class RankedLoader : public testing::Test {
 protected:
  RankedLoader() { write_shapes({.images = 12, .val = 1, .size = {96, 64}}, folder.path()); }

  Loader made(const std::string& sampler, const std::string& step, int world_size,
              const std::string& more = "") const {
    const Value config =
        read_config_text(
            more + "\ntrain_dataloader = dict(batch_size=2, worker_init_fn=dict(type='f'), " +
            sampler + ", dataset=dict(type='CocoDataset', data_root='" + folder.path() +
            "', ann_file='annotations/train.json', data_prefix=dict(img='train/'), "
            "metainfo=dict(classes=('circle', 'square', 'triangle', 'star', 'cross')), "
            "pipeline=[dict(type='LoadImageFromFile'), dict(type='LoadAnnotations'), " +
            step + "dict(type='PackDetInputs')]))\n")
            .root;
    LoaderOptions options = loader_options(config);
    options.world_size = world_size;
    return make_loader(config, "train_dataloader", catalogs(), options);
  }
  std::string warned(const std::string& sampler, const std::string& step, int world_size) const {
    const Loader loader = made(sampler, step, world_size);
    std::string text;
    for (const std::string& warning : loader.dataset().warnings) text += warning;
    const std::string prefix = "the batches depend on the number of ranks: ";
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
  }
  Folder folder;
};

TEST_F(RankedLoader, SaysWhereTheNumberOfRanksMatters) {
  const std::string standard = "sampler=dict(type='DefaultSampler', shuffle=True)";
  const std::string cached = "dict(type='CachedMixUp', img_scale=(64, 64)), ";
  EXPECT_EQ(warned(standard, "", 2), "");
  EXPECT_EQ(warned(standard, cached, 1), "");
  EXPECT_EQ(warned(standard, "", 4), "12 samples are no whole number of batches of 8");
  EXPECT_EQ(warned(standard, cached, 3), "a Cached step looks at its rank's samples");
  EXPECT_EQ(warned("sampler=dict(type='InfiniteSampler')", "", 4), "");
  EXPECT_EQ(warned("sampler=dict(type='ClassAwareSampler')", "", 2),
            "ClassAwareSampler does not deal its order out one by one");
  EXPECT_EQ(warned(standard + ", batch_sampler=dict(type='AspectRatioBatchSampler')",
                   "dict(type='RandomApply', prob=0.5, transforms=[" + cached + "]), ", 2),
            "AspectRatioBatchSampler cuts the order of each rank by itself; a Cached step looks at "
            "its rank's samples");
}

TEST_F(RankedLoader, ReplaysNoWorkersOfTheUsersOwn) {
  EXPECT_EQ(first_line(failure([&] {
              (void)made("sampler=dict(type='DefaultSampler')", "", 1,
                         "pinfeed = dict(replay='openmmlab')");
            })),
            "error: what workers draw behind the worker_init_fn dict(type='f') cannot be replayed");
}

TEST(LoaderKeys, ChecksNumbersThatMayBeNone) {
  EXPECT_EQ(said("prefetch_factor=0"), "error: prefetch_factor is 0; it must be at least 1");
  EXPECT_EQ(said("timeout=-1"), "error: timeout is -1; it must be at least 0");
  EXPECT_EQ(settings("pinfeed = dict(threads=-3)"), "error: threads is -3; it must be at least 1");
  EXPECT_EQ(settings("pinfeed = dict(memory_budget=0)"),
            "error: memory_budget is 0; it must be at least 1");
  EXPECT_EQ(settings("randomness = dict(seed=-1)"), "error: seed is -1; it must be at least 0");
  EXPECT_EQ(settings("randomness = dict(seed=None)"), "no error");
}

TEST(LoaderKeys, SaysOfEachKeyHowItIsMeant) {
  for (const KeyDoc& key : data_loader_doc().keys) {
    EXPECT_FALSE(key.meaning.empty()) << key.name;
    if (key.name == "prefetch_factor") {
      EXPECT_EQ(key.use, KeyUse::accepted);
    }
  }
}

}  // namespace
}  // namespace pinfeed
