// SPDX-License-Identifier: Apache-2.0
// The keys of a data loader's dictionary, and those of `pinfeed` and `randomness`.
#include <gtest/gtest.h>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/image/codec/codec.h"
#include "planning.h"

namespace pinfeed {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// The first line of the error of reading a loader with these keys, or "no error".
std::string said(const std::string& keys) {
  return first_line(failure([&] {
    check_data_loader(written("dict(dataset=dict(), sampler=dict(), num_workers=2, " + keys + ")"),
                      "train_dataloader");
  }));
}

std::string settings(const std::string& text) {
  return first_line(failure([&] { (void)loader_options(read_config_text(text + "\n").root); }));
}

TEST(LoaderKeys, AcceptsKeysWithoutEffect) {
  for (const char* keys :
       {"in_order=True", "pin_memory_device=''", "multiprocessing_context='fork'", "timeout=30",
        "multiprocessing_context=None", "generator=None", "prefetch_factor=4",
        "prefetch_factor=None", "pin_memory=True", "persistent_workers=True",
        "worker_init_fn=dict(type='seeded')"}) {
    EXPECT_EQ(said(keys), "no error") << keys;
  }
}

TEST(LoaderKeys, RefusesWhatItDoesNotSupport) {
  EXPECT_EQ(said("in_order=False"), "error: in_order is False; batches are always in order");
  EXPECT_EQ(said("pin_memory_device='cuda:1'"),
            "error: pin_memory_device is 'cuda:1'; batches go to the device of the run");
  EXPECT_EQ(said("generator=dict(seed=3)"),
            "error: a data loader does not support 'generator': set the sampler's seed and "
            "randomness.seed");
}

TEST(LoaderKeys, RefusesAnUnknownWorkerInitFnWithReplay) {
  const auto made = [](const std::string& function) {
    const Value config = read_config_text(
                             "pinfeed = dict(replay='openmmlab')\n"
                             "train_dataloader = dict(sampler=dict(type='DefaultSampler'), "
                             "worker_init_fn=" +
                             function + ", dataset=dict(type='Nothing'))\n")
                             .root;
    return first_line(failure([&] {
      (void)make_loader(config, "train_dataloader", catalogs(), loader_options(config));
    }));
  };
  EXPECT_EQ(
      made("dict(type='f')"),
      "error: the random numbers of workers with worker_init_fn=dict(type='f') cannot be replayed");
  for (const char* known : {"None", "dict(type='worker_init_fn')"}) {
    EXPECT_EQ(made(known).find("worker_init_fn"), std::string::npos) << made(known);
  }
}

TEST(LoaderKeys, WithoutASamplerSamplesComeInOrder) {
  const Folder folder;
  for (const char* name : {"a.png", "b.png", "c.png"}) {
    image::write_png(image::make_image({4, 4}), folder.path() + "/" + name);
  }
  const auto made = [&](const std::string& keys, int world_size) {
    const Value config =
        read_config_text("pinfeed = dict(threads=1)\ntrain_dataloader = dict(sampler=None, " +
                         keys + "dataset=dict(type='CustomDataset', data_prefix='" + folder.path() +
                         "', with_label=False, pipeline=[dict(type='LoadImageFromFile'), "
                         "dict(type='PackInputs')]))\n")
            .root;
    LoaderOptions options = loader_options(config);
    options.world_size = world_size;
    options.rank = world_size - 1;
    return make_loader(config, "train_dataloader", catalogs(), options);
  };
  for (const int world_size : {1, 2}) {  // as torch: each rank reads all samples
    Loader loader = made("batch_size=1, ", world_size);
    for (int epoch = 0; epoch < 2; ++epoch) {
      for (const char* name : {"a.png", "b.png", "c.png"}) {
        EXPECT_EQ(loader.next()->samples()[0].file_name, name);
      }
      EXPECT_FALSE(loader.next().has_value());
    }
  }
  EXPECT_EQ(first_line(failure([&] {
              made("batch_size=2, batch_sampler=dict(type='AspectRatioBatchSampler'), ", 1);
            })),
            "error: sampler is None; a batch_sampler needs a sampler");
}

TEST(LoaderKeys, ChecksNumbersThatMayBeNone) {
  EXPECT_EQ(said("prefetch_factor=0"), "error: prefetch_factor is 0; it must be at least 1");
  EXPECT_EQ(said("timeout=-1"), "error: timeout is -1; it must be at least 0");
  EXPECT_EQ(settings("pinfeed = dict(threads=-3)"),
            "error: threads is -3; it must be between 1 and 1024");
  EXPECT_EQ(settings("pinfeed = dict(memory_budget=0)"),
            "error: memory_budget is 0; it must be at least 1");
  EXPECT_EQ(settings("randomness = dict(seed=-1)"), "error: seed is -1; it must be at least 0");
  EXPECT_EQ(settings("randomness = dict(seed=None)"), "no error");
}

TEST(LoaderKeys, DocumentsEachKey) {
  for (const KeyDoc& key : data_loader_doc().keys) {
    EXPECT_FALSE(key.meaning.empty()) << key.name;
    if (key.name == "prefetch_factor") {
      EXPECT_EQ(key.use, KeyUse::accepted);
    }
  }
}

}  // namespace
}  // namespace pinfeed
