// SPDX-License-Identifier: Apache-2.0
// What a loader's memory_budget, and the sizes of its files, do to its memory.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/batch_buffer_ring.h"
#include "tests/data/planning.h"
#include "tests/data/windows.h"

namespace pinfeed {
namespace {

constexpr std::int64_t mib = std::int64_t{1} << 20;

// A data set of copies of one JPEG file, with bytes behind its end.
class FilesOfAnySize : public testing::Test {
 protected:
  FilesOfAnySize() {
    for (const std::int64_t size : {std::int64_t{0}, 4 * mib, 64 * mib}) {
      const std::string path = path_of(size);
      image::write_jpeg(noise(), path);
      if (size > 0) std::filesystem::resize_file(path, static_cast<std::uintmax_t>(size));
    }
  }

  std::string path_of(std::int64_t size) const {
    return folder_.path() + "/" + std::to_string(size) + ".jpg";
  }

  // `size_of(index)` is 0 (the file as it is), 4 MiB or 64 MiB.
  Dataset files(std::function<std::int64_t(std::int64_t)> size_of) {
    Dataset dataset{.name = "Files", .size = windows_count};
    dataset.plan = [this, size_of = std::move(size_of)](
                       std::int64_t index, RandomContext& random) -> std::optional<Sample> {
      Arena& arena = random.arena();
      auto* encoded = arena.make<image::Encoded>();
      auto* path = arena.make<std::pmr::string>(path_of(size_of(index)), &arena);
      encoded->path = *path;
      encoded->header = image::read_header_of(std::string(*path));
      ++planned_;
      return window_of(image::decoded(encoded, arena), index, random);
    };
    return dataset;
  }

  Loader loader(Dataset dataset, std::optional<std::int64_t> budget,
                OnBadSample rule = OnBadSample::raise) const {
    return {std::move(dataset),
            in_order(),
            stacked(),
            {.batch_size = 1, .on_bad_sample = rule},
            LoaderLimits{.threads = 1, .io_threads = 1, .slots = 2, .memory_budget = budget}};
  }

  Folder folder_;
  std::atomic<std::int64_t> planned_ = 0;
};

TEST_F(FilesOfAnySize, AFileThatTheBudgetHasNoRoomForIsABadSample) {
  const auto one_large = [](std::int64_t index) { return index == 1 ? 64 * mib : 0; };
  Loader strict = loader(files(one_large), 16 * mib);
  EXPECT_TRUE(strict.next());
  try {
    (void)strict.next();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::data);
    EXPECT_EQ(
        error.text(),
        "the file has 67108864 bytes; pinfeed.memory_budget leaves 6291456 for the files of a "
        "batch");
  }
}

// Its batch has no slot yet when it is replanned; batches after it must not take all slots.
TEST_F(FilesOfAnySize, AFileThatTheBudgetHasNoRoomForIsReplaced) {
  const auto one_large = [](std::int64_t index) { return index == 1 ? 64 * mib : 0; };
  for (int run = 0; run < 20; ++run) {
    Loader lenient = loader(files(one_large), 16 * mib, OnBadSample::skip);
    for (std::int64_t i = 0; i < 6; ++i) {
      EXPECT_EQ(lenient.next()->samples()[0].index, i == 1 ? 2 : i);
    }
  }
}

TEST_F(FilesOfAnySize, FilesThatExceedTheBudgetTogetherAreAnError) {
  Loader tight(files([](std::int64_t) { return 4 * mib; }), in_order(), stacked(),
               {.batch_size = 4}, LoaderLimits{.threads = 1, .memory_budget = 16 * mib});
  try {
    (void)tight.next();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "error: memory_budget is 16777216 bytes; the files of one batch have 16777216, and "
              "6291456 are left for them\n"
              "  while filling batch 0 of epoch 0\n"
              "   at pinfeed.memory_budget\n"
              "help: raise pinfeed = dict(memory_budget=...), or use a smaller batch_size\n");
  }
}

// One batch has files of 64 MiB. With the budget only one such batch fits at a time.
TEST_F(FilesOfAnySize, BatchesArePlannedAheadAgainAfterOneWithLargeFiles) {
  const auto first_large = [](std::int64_t index) { return index == 0 ? 64 * mib : 0; };
  Loader any = loader(files(first_large), 200 * mib);
  EXPECT_TRUE(any.next());
  const auto enough = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (planned_ < 5 && std::chrono::steady_clock::now() < enough) std::this_thread::yield();
  EXPECT_GE(planned_, 5);
  for (std::int64_t i = 1; i < 20; ++i) EXPECT_EQ(any.next()->index(), i);
}

TEST_F(FilesOfAnySize, BatchesAboveAQuarterOfTheBudgetAreStillMade) {
  Loader any = loader(files([](std::int64_t) { return 4 * mib; }), 12 * mib);
  for (std::int64_t i = 0; i < 10; ++i) EXPECT_EQ(any.next()->index(), i);
}

TEST(MemoryBudget, SlotsAreSizedForTheSamplesThatThereAre) {
  Loader few(windows(), shuffled(), stacked(), {.batch_size = 100'000},
             LoaderLimits{.threads = 1, .slots = 4});
  EXPECT_EQ(few.next()->samples().size(), 23U);
  EXPECT_LT(few.slots().bytes, 200'000U);
}

// Windows of rising size: 16 x 16, 32 x 32, ... without a bound.
Dataset growing() {
  Dataset dataset{.name = "Growing", .size = windows_count};
  dataset.plan = [](std::int64_t index, RandomContext& random) -> std::optional<Sample> {
    Sample sample(random.arena());
    sample.index = index;
    const int side = 16 * static_cast<int>(index + 1);
    sample.image = image::resized(image::plain(noise().view(), random.arena()), {side, side},
                                  image::Interpolation::bilinear);
    sample.packed = map_node(random.arena());
    set(sample.packed, "inputs", {sample.image});
    return sample;
  };
  return dataset;
}

TEST(MemoryBudget, SlotsThatGrowStayWithinTheirHalf) {
  constexpr std::int64_t budget = 2 * mib;
  Loader tight(growing(), in_order(), stacked(), {.batch_size = 1},
               LoaderLimits{.threads = 2, .slots = 4, .memory_budget = budget});
  std::optional<Batch> kept;
  for (std::int64_t i = 0; i < windows_count; ++i) {
    kept = tight.next();
    ASSERT_EQ(kept->index(), i);
    EXPECT_LE(static_cast<std::int64_t>(tight.slots().bytes), budget / 2) << i;
  }
}

TEST(MemoryBudget, TheConsumerLearnsThatItKeepsTheMemoryOfTheSlots) {
  Loader tight(
      growing(),
      {"Last", false,
       [](std::int64_t) {
         return Order{2, [](std::int64_t) { return windows_count - 1; }};
       }},
      stacked(), {.batch_size = 1},
      LoaderLimits{
          .threads = 1, .slots = 4, .memory_budget = mib, .slot_timeout = std::chrono::seconds(0)});
  const std::optional<Batch> kept = tight.next();
  EXPECT_THROW((void)tight.next(), Error);
}

}  // namespace
}  // namespace pinfeed
