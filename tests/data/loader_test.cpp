// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/loader.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "pinfeed/core/error.h"
#include "pinfeed/inspect/digest.h"
#include "pinfeed/memory/host_memory.h"
#include "tests/data/windows.h"

namespace pinfeed {
namespace {

Loader loader(int threads, PlanRules rules = {}, Dataset dataset = windows()) {
  rules.batch_size = 4;
  return {std::move(dataset), shuffled(), stacked(), rules, LoaderLimits{.threads = threads}};
}

// The digest of each batch of `epochs` epochs.
std::vector<std::string> digests(Loader loader, std::int64_t epochs = 2) {
  std::vector<std::string> all;
  const std::int64_t end = loader.state().epoch + epochs;
  while (loader.state().epoch < end) {
    if (const auto batch = loader.next()) all.push_back(digest(*batch));
  }
  return all;
}

TEST(Loader, MakesTheSameBytesForAnyNumberOfThreads) {
  const auto one = digests(loader(1));
  EXPECT_EQ(one.size(), 12U);
  EXPECT_EQ(digests(loader(2)), one);
  EXPECT_EQ(digests(loader(4)), one);
  EXPECT_NE(digests(loader(1, {.seed = 1})), one);
}

TEST(Loader, ReplayMakesTheSameBytesForAnyNumberOfThreadsToo) {
  const PlanRules rules{.num_workers = 3, .persistent_workers = true, .replay = true, .seed = 5};
  EXPECT_EQ(digests(loader(4, rules)), digests(loader(1, rules)));
  PlanRules others = rules;
  others.num_workers = 2;
  EXPECT_NE(digests(loader(1, others)), digests(loader(1, rules)));
}

TEST(Loader, BeginsAtAnyBatch) {
  for (const bool replay : {false, true}) {
    for (const bool persistent : {false, true}) {
      const PlanRules rules{.num_workers = 2, .persistent_workers = persistent, .replay = replay};
      const auto all = digests(loader(2, rules));
      Loader late = loader(2, rules);
      late.seek({1, 2});
      EXPECT_EQ(digests(std::move(late), 1), std::vector(all.begin() + 8, all.end()));
    }
  }
}

TEST(Loader, SeeksBackDuringARun) {
  Loader moved = loader(2);
  const std::string first = digest(*moved.next());
  for (int i = 0; i < 3; ++i) (void)moved.next();
  moved.seek({0, 0});
  EXPECT_EQ(digest(*moved.next()), first);
}

TEST(Loader, DropsAShortLastBatchIfAsked) {
  EXPECT_EQ(loader(1).batches_per_epoch(), 6);
  EXPECT_EQ(loader(1, {.drop_last = true}).batches_per_epoch(), 5);
  EXPECT_EQ(digests(loader(1, {.drop_last = true}), 1).size(), 5U);
}

TEST(Loader, ThrowsAnErrorAtThePositionOfItsBatchAndContinues) {
  Mt19937 generator(0);
  const auto order = randperm(windows_count, generator);
  Loader failing = loader(3, {}, windows(order[9]));  // in the third batch
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(failing.next().has_value());
  try {
    (void)failing.next();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "error: this one is broken\n"
              "  while loading sample " +
                  std::to_string(order[9]) +
                  "\n"
                  "  while filling batch 2 of epoch 0\n"
                  "help: check the file, or set pinfeed = dict(on_bad_sample='skip')\n");
  }
  const auto fourth = failing.next();
  EXPECT_EQ(fourth->index(), 3);
  EXPECT_EQ(digest(*fourth), digests(loader(1))[3]);
}

TEST(Loader, MayBeDestroyedBeforeItsBatches) {
  std::optional<Batch> kept;
  {
    Loader destroyed = loader(2);
    kept = destroyed.next();
  }
  EXPECT_EQ(digest(*kept), digests(loader(1))[0]);
}

TEST(Loader, DoesNotOverwriteBatchesThatAreInUse) {
  Loader slow = loader(2);
  std::vector<Batch> kept;
  for (int i = 0; i < 3; ++i) kept.push_back(std::move(*slow.next()));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  kept.clear();
  EXPECT_EQ(slow.next()->index(), 3);
}

TEST(Loader, StopsWhileAllSlotsAreReady) {
  for (int i = 0; i < 50; ++i) {
    Loader early = loader(4);
    if (i % 2 == 0) (void)early.next();
  }
}

TEST(Loader, RefusesABudgetBelowOneBatch) {
  Loader tight(windows(), shuffled(), stacked(), {.batch_size = 4},
               LoaderLimits{.threads = 1, .memory_budget = 1000});
  try {
    (void)tight.next();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "error: memory_budget is 1000 bytes; one batch needs 3072\n"
              "  while filling batch 0 of epoch 0\n"
              "   at pinfeed.memory_budget\n"
              "help: raise pinfeed = dict(memory_budget=...), or use a smaller batch_size\n");
  }
}

TEST(Loader, ThrowsIfTheConsumerOwnsAllSlots) {
  Loader tight(windows(), shuffled(), stacked(), {.batch_size = 4},
               LoaderLimits{.threads = 2, .slots = 2, .slot_timeout = std::chrono::seconds(0)});
  std::vector<Batch> kept;
  kept.push_back(*tight.next());
  kept.push_back(*tight.next());
  try {
    (void)tight.next();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "error: all 2 slots of the loader belong to batches that are in use\n"
              "help: release a batch before calling next() again, or copy it\n");
  }
  kept.erase(kept.begin());
  EXPECT_EQ(tight.next()->index(), 2);  // no batch was lost
}

TEST(Loader, ThrowsIfTheConsumerOwnsAllSlotsBeforeTheBatchIsPlanned) {
  const auto slow = windows(never, std::chrono::milliseconds(8));
  Loader tight(slow, shuffled(), stacked(), {.batch_size = 4},
               LoaderLimits{.threads = 1, .slots = 1, .slot_timeout = std::chrono::seconds(0)});
  const Batch kept = *tight.next();
  EXPECT_THROW((void)tight.next(), Error);
}

TEST(Loader, WaitsForASlotThatAnotherThreadReleases) {
  Loader tight(windows(), shuffled(), stacked(), {.batch_size = 4},
               LoaderLimits{.threads = 1, .slots = 1});
  auto kept = std::make_unique<Batch>(*tight.next());
  std::thread other([&kept] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    kept.reset();
  });
  EXPECT_EQ(tight.next()->index(), 1);
  other.join();
}

TEST(Loader, LocksItsSlotsWhenPinningIsRequired) {
  if (lockable_bytes() < (std::size_t{16} << 20U)) GTEST_SKIP() << "little may be locked here";
  Loader locked(windows(), shuffled(), stacked(), {.batch_size = 4},
                LoaderLimits{.threads = 1, .pinning = Pinning::require});
  EXPECT_EQ(locked.next()->bytes().kind, MemoryKind::pinned);
  EXPECT_TRUE(locked.pinned());
  Loader ordinary = loader(1);
  EXPECT_EQ(ordinary.next()->bytes().kind, MemoryKind::pageable);
  EXPECT_FALSE(ordinary.pinned());
}

TEST(Loader, StacksImagesAsStridedTensors) {
  Loader any = loader(1);
  const auto batch = any.next();
  const auto* inputs = batch->data().find("inputs")->as<Tensor>();
  EXPECT_EQ(inputs->shape, (Shape{4, 3, 16, 16}));
  EXPECT_EQ(inputs->strides, (Shape{16 * 16 * 3, 1, 16 * 3, 3}));
}

}  // namespace
}  // namespace pinfeed
