// SPDX-License-Identifier: Apache-2.0
// Whatever a part of a loader throws, on whichever thread, is thrown by next() as an Error.
#include <gtest/gtest.h>

#include <algorithm>
#include <new>
#include <set>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/memory/device.h"
#include "tests/data/planning.h"
#include "tests/data/windows.h"

namespace pinfeed {
namespace {

Loader loader(Dataset dataset, Sampler sampler, Collate collate,
              OnBadSample rule = OnBadSample::raise, Pinning pinning = Pinning::prefer) {
  return {std::move(dataset), std::move(sampler), std::move(collate),
          PlanRules{.batch_size = 4, .on_bad_sample = rule},
          LoaderLimits{.threads = 2, .pinning = pinning}};
}

std::string first_failure(Loader broken) {
  return failure([&] {
    for (int i = 0; i < 20; ++i) (void)broken.next();
  });
}

// A sampler whose order cannot be made in one epoch.
Sampler fails_in_epoch(std::int64_t bad) {
  Sampler sampler = shuffled();
  sampler.order = [bad, order = sampler.order](std::int64_t epoch) {
    if (epoch == bad) throw std::bad_alloc();
    return order(epoch);
  };
  return sampler;
}

// Record `bad` names a file that does not exist, which is found when it is read.
Dataset missing_file(std::int64_t bad) {
  Dataset dataset = windows();
  dataset.plan = [bad](std::int64_t index, RandomContext& random) -> std::optional<Sample> {
    image::ImageExpr image = image::plain(noise().view(), random.arena());
    if (index == bad) {
      auto* encoded = random.arena().make<image::Encoded>();
      encoded->path = "/nowhere/a.jpg";
      encoded->header = {.stored = noise().size(), .file_bytes = 10};
      image = image::decoded(encoded, random.arena());
    }
    return window_of(image, index, random);
  };
  return dataset;
}

// From its `number`-th call on, calls `act` instead.
template <class Act>
Collate after_calls(int number, Act act) {
  auto calls = std::make_shared<int>(0);
  return {"odd", [calls, number, act](std::span<const TreeNode> items, Arena& arena) {
            return ++*calls < number ? stacked().layout(items, arena) : act(arena);
          }};
}

TEST(LoaderExceptions, AThrownIntNamesTheDataSet) {
  Dataset dataset = windows();
  dataset.plan = [](std::int64_t, RandomContext&) -> std::optional<Sample> { throw 3; };
  EXPECT_EQ(first_failure(loader(dataset, in_order(), stacked())),
            "error: Windows threw an exception that is not a std::exception\n"
            "  while loading sample 0\n"
            "  while filling batch 0 of epoch 0\n");
}

TEST(LoaderExceptions, ACollateMayThrowAnything) {
  const Collate collate = after_calls(3, [](Arena&) -> Layout { throw "text"; });
  EXPECT_EQ(first_failure(loader(windows(), shuffled(), collate)),
            "error: odd threw an exception that is not a std::exception\n"
            "  while filling batch 2 of epoch 0\n");
}

TEST(LoaderExceptions, MemoryMayRunOutForTheOrderOfAnEpoch) {
  Loader broken = loader(windows(), fails_in_epoch(1), stacked());
  while (broken.next().has_value()) continue;
  EXPECT_EQ(failure([&] { (void)broken.next(); }),
            "error: planning: out of memory\n  while filling batch 0 of epoch 1\n");
}

TEST(LoaderExceptions, TheOrderMayFailWhileASampleIsReplaced) {
  // Planning ahead has loaded the order of epoch 1; a replacement in epoch 0 needs its order again.
  auto loads = std::make_shared<int>(0);
  Sampler sampler = shuffled();
  sampler.order = [loads, order = sampler.order](std::int64_t epoch) {
    if (epoch == 0 && ++*loads > 1) throw std::bad_alloc();
    return order(epoch);
  };
  Planner planner(missing_file(0), sampler, stacked(),
                  {.batch_size = windows_count, .on_bad_sample = OnBadSample::skip});
  BatchPlan plan;
  planner.next(plan);
  BatchPlan later;
  planner.next(later);
  planner.next(later);
  const LoaderState before = planner.position();
  const auto bad = std::make_exception_ptr(Error(ErrorKind::data, "it is broken"));
  EXPECT_TRUE(planner.replace(plan, 0, bad));
  EXPECT_EQ(failure([&] { std::rethrow_exception(plan.error); }),
            "error: planning: out of memory\n  while filling batch 0 of epoch 0\n");
  EXPECT_EQ(planner.position(), before);
  planner.next(later);
  EXPECT_EQ(later.error, nullptr);
}

bool has_index_twice(std::span<const TreeNode> items) {
  std::set<std::int64_t> seen;
  return !std::all_of(items.begin(), items.end(), [&](const TreeNode& item) {
    return seen.insert(*item.find("index")->as<std::int64_t>()).second;
  });
}

// Stacks the samples; a batch in which the record of a bad sample was replaced by the next one,
// which it has already, needs more memory than there is.
Layout enormous_after_replacement(std::span<const TreeNode> items, Arena& arena) {
  if (!has_index_twice(items)) return stacked().layout(items, arena);
  static std::byte pixel = {};
  const image::ImageExpr large = image::plain(
      {.data = &pixel, .height = 1 << 20, .width = 1 << 20, .row_bytes = 3 << 20}, arena);
  Layout layout(arena);
  layout.batch = map_node(arena);
  set(layout.batch, "inputs", {layout.stack(std::vector<image::ImageExpr>(64, large))});
  return layout;
}

// The job has a slot when its bad sample is found, and the slot has to grow.
TEST(LoaderExceptions, ASlotThatCannotGrowIsAnError) {
  const Collate collate{"odd", enormous_after_replacement};
  for (const Pinning pinning : {Pinning::prefer, Pinning::require}) {
    Loader broken = loader(missing_file(5), in_order(), collate, OnBadSample::skip, pinning);
    EXPECT_TRUE(broken.next().has_value());
    try {
      (void)broken.next();
      ADD_FAILURE() << "a slot of 200 TB was allocated";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::system) << error.what();
    }
    EXPECT_EQ(broken.next()->index(), 2);
  }
}

TEST(LoaderExceptions, AStreamOfTheHostReportsWhatItsWorkThrows) {
  if (backend() != "host") GTEST_SKIP();
  const Stream stream;
  call_async([](void*) { throw 7; }, nullptr, stream);
  EXPECT_EQ(failure([&] { synchronize(stream); }),
            "error: the copy thread threw an exception that is not a std::exception\n");
  EXPECT_NO_THROW(synchronize(stream));
}

}  // namespace
}  // namespace pinfeed
