// SPDX-License-Identifier: Apache-2.0
// Loaders, batches and slots that end in any order, and threads that cannot be started.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "pinfeed/core/error.h"
#include "pinfeed/inspect/digest.h"
#include "pinfeed/memory/batch_buffer_ring.h"
#include "tests/data/windows.h"
#include "tests/limits.h"

namespace pinfeed {
namespace {

Loader made(LoaderLimits limits = {.threads = 2}, Dataset dataset = windows()) {
  return {std::move(dataset), shuffled(), stacked(), {.batch_size = 4}, limits};
}

std::string message_of_next(Loader& loader) {
  try {
    (void)loader.next();
    return "no error";
  } catch (const Error& error) {
    return error.message();
  }
}

TEST(LoaderLifetime, AnotherLoaderMayBeAssignedToARunningOne) {
  const std::string first = digest(*made().next());
  for (int i = 0; i < 20; ++i) {
    Loader running = made();
    std::optional<Batch> kept;
    if (i % 2 == 0) kept = running.next();
    running = made();
    EXPECT_EQ(digest(*running.next()), first);
    if (kept) {
      EXPECT_EQ(digest(*kept), first);
    }
  }
}

// The texts of samples belong to the data set.
TEST(LoaderLifetime, ABatchKeepsTheDataSetOfItsSamples) {
  struct Names {
    std::string path = "a name that is too long for the small string optimisation.jpg";
    ~Names() { path.assign(path.size(), 'x'); }
  };
  Dataset dataset = windows();
  dataset.plan = [names = std::make_shared<Names>(), plan = dataset.plan](std::int64_t index,
                                                                          RandomContext& random) {
    std::optional<Sample> sample = plan(index, random);
    sample->img_path = names->path;
    return sample;
  };
  std::optional<Batch> kept;
  {
    Loader destroyed = made({.threads = 1}, std::move(dataset));
    kept = destroyed.next();
  }
  EXPECT_EQ(kept->samples()[0].img_path, Names().path);
}

TEST(LoaderLifetime, BatchesMayBeReleasedWhileTheLoaderIsStopped) {
  for (int i = 0; i < 50; ++i) {
    Loader loader = made();
    std::optional<Batch> first = loader.next();
    std::optional<Batch> second = loader.next();
    std::thread other([&] {
      first.reset();
      second.reset();
    });
    loader.seek({0, 0});
    other.join();
    EXPECT_EQ(loader.next()->index(), 0);
  }
}

TEST(LoaderLifetime, TheNumberOfBatchesMayBeReadWhileTheLoaderRuns) {
  Loader loader = made();
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(loader.batches_per_epoch(), 6);
    (void)loader.next();
  }
}

TEST(LoaderLifetime, ThrowsIfTheConsumerKeepsAllBatchesWithoutTheirSlots) {
  Loader loader = made({.threads = 2, .slots = 2, .slot_timeout = std::chrono::seconds(0)});
  std::vector<Batch> kept;
  std::string message = "no error";
  for (int i = 0; i < 20 && message == "no error"; ++i) {
    try {
      if (std::optional<Batch> batch = loader.next()) {
        (void)batch->take_slot();
        kept.push_back(std::move(*batch));
      }
    } catch (const Error& error) {
      message = error.message();
    }
  }
  EXPECT_EQ(message,
            "error: all jobs of the loader belong to batches that are in use\n"
            "help: release a batch before calling next() again, or copy it\n");
  EXPECT_EQ(kept.size(), 6U);  // a whole epoch
  kept.clear();
  EXPECT_FALSE(loader.next());
  EXPECT_EQ(loader.next()->index(), 0);
}

TEST(LoaderLifetime, NoticesWhenASlotIsReleasedAfterItsBatch) {
  Loader loader = made({.threads = 1, .slots = 1});
  std::optional<BatchSlot> slot = loader.next()->take_slot();
  std::thread other([&slot] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    slot.reset();
  });
  EXPECT_EQ(loader.next()->index(), 1);
  other.join();
}

// Exits with the code of the error of next(), or 0.
void load_without_threads() {
  Loader loader = made();
  test::lower_for_good(RLIMIT_NPROC, 0);
  const std::string first = message_of_next(loader);
  std::fputs(first.c_str(), stderr);
  std::_Exit(message_of_next(loader) == first ? 1 : 3);
}

TEST(LoaderLifetimeDeathTest, AThreadThatCannotBeStartedIsAnErrorOfEachCallOfNext) {
  if (!test::can_be_ordinary_user()) GTEST_SKIP() << "cannot be anybody but root";
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(load_without_threads(), testing::ExitedWithCode(1),
              "^error: cannot start the thread pinfeed-plan: Resource temporarily unavailable\n");
}

}  // namespace
}  // namespace pinfeed
