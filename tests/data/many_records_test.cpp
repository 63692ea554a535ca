// SPDX-License-Identifier: Apache-2.0
// What does not depend on the number of records: memory, start, and the time to any batch
// (docs/scaling.md).
#include <gtest/gtest.h>

#include "pinfeed/core/clock.h"
#include "pinfeed/data/loader/planner.h"
#include "pinfeed/data/samplers/keyed_sampler.h"
#include "planning.h"
#include "tests/peak_memory.h"

namespace pinfeed {
namespace {

constexpr std::int64_t records = 1'000'000'000;
constexpr int world_size = 4096;
constexpr std::int64_t batch_size = 32;

// The planner of a rank over records that exist only as their numbers.
Planner numbered_records(int rank) {
  Dataset dataset{.name = "numbers", .size = records};
  dataset.plan = [](std::int64_t index, RandomContext& random) -> std::optional<Sample> {
    Sample sample = sample_of_size({8, 8}, {}, random.arena());
    sample.index = index;
    return sample;
  };
  const Sampler sampler = make(
      KeyedSampler{}, {.dataset_size = records, .rank = rank, .world_size = world_size, .seed = 1});
  const Collate collate{.name = "nothing", .layout = [](std::span<const TreeNode>, Arena& arena) {
                          return Layout(arena);
                        }};
  const PlanRules rules{
      .batch_size = batch_size, .seed = 1, .rank = rank, .world_size = world_size};
  return Planner(dataset, sampler, collate, rules);
}

TEST(ManyRecords, CostNoMemoryAndNoTime) {
  double seconds = 0.0;
  std::vector<std::int64_t> found;
  const std::size_t bytes = test::peak_memory_of([&] {
    const double start = clock_seconds();
    Planner planner = numbered_records(world_size - 1);
    planner.seek({3, planner.batches_per_epoch() - 2});
    BatchPlan plan;
    planner.next(plan);
    if (plan.error) std::rethrow_exception(plan.error);
    for (const Sample& sample : *plan.samples) found.push_back(sample.index);
    seconds = clock_seconds() - start;
  });
  EXPECT_EQ(std::ssize(found), batch_size);
  for (const std::int64_t index : found) EXPECT_LT(index, records);
  EXPECT_LT(bytes, std::size_t{8} << 20U);
  EXPECT_LT(seconds, 0.1);
  RecordProperty("bytes", static_cast<int>(bytes));
  RecordProperty("microseconds", static_cast<int>(seconds * 1e6));
}

}  // namespace
}  // namespace pinfeed
