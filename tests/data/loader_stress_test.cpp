// SPDX-License-Identifier: Apache-2.0
// The loader under random delays, errors in every stage, and ends at any moment: what
// ThreadSanitizer is to watch. Whatever the threads do, the batches and errors stay the same.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <random>
#include <thread>

#include "pinfeed/inspect/digest.h"
#include "tests/data/planning.h"
#include "tests/data/windows.h"

namespace pinfeed {
namespace {

using Chance = std::minstd_rand;

constexpr std::int64_t truncated = 5;  // its file ends early, which the render thread finds
constexpr std::int64_t gone = 11;      // its file is removed after planning: the reader finds out
constexpr std::int64_t broken = 17;    // fails when it is planned

int any(Chance& chance, int from, int to) {
  return std::uniform_int_distribution<int>(from, to)(chance);
}

void pause(Chance& chance, int most_microseconds) {
  std::this_thread::sleep_for(std::chrono::microseconds(any(chance, 0, most_microseconds)));
}

// Images in files, a data set of them that takes its time, and loaders of it.
class LoaderStress : public ::testing::Test {
 protected:
  LoaderStress() {
    const std::string whole = folder_.path() + "/whole.jpg";
    image::write_jpeg(noise(), whole);
    header_ = image::read_header_of(whole);
    std::filesystem::copy_file(whole, folder_.path() + "/cut.jpg");
    std::filesystem::resize_file(folder_.path() + "/cut.jpg", header_.file_bytes / 2);
  }

  Dataset files(unsigned delays) const {
    Dataset dataset{.name = "Files", .size = windows_count};
    auto chance = std::make_shared<Chance>(delays);  // one thread plans
    dataset.plan = [this, delays, chance](std::int64_t index,
                                          RandomContext& random) -> std::optional<Sample> {
      if (delays > 0) pause(*chance, 200);
      if (index == broken) throw Error(ErrorKind::data, "this one is broken");
      return window_of(image::decoded(stored(index, random.arena()), random.arena()), index,
                       random);
    };
    return dataset;
  }

  // delays 0: one thread of each kind, and no pause.
  Loader loader(unsigned delays) const {
    Chance chance(delays);
    LoaderLimits limits{.threads = 1, .io_threads = 1, .slots = 2};
    if (delays > 0) limits = {any(chance, 1, 4), any(chance, 1, 3), any(chance, 1, 4), {}};
    return {files(delays), shuffled(), stacked(), {.batch_size = 2}, limits};
  }

 private:
  image::Encoded* stored(std::int64_t index, Arena& arena) const {
    auto* encoded = arena.make<image::Encoded>();
    encoded->header = header_;
    encoded->path = index == truncated ? truncated_ : index == gone ? gone_ : whole_;
    if (index == truncated) encoded->header.file_bytes /= 2;
    return encoded;
  }

  Folder folder_;
  std::string whole_ = folder_.path() + "/whole.jpg";
  std::string truncated_ = folder_.path() + "/cut.jpg";
  std::string gone_ = folder_.path() + "/gone.jpg";
  image::Header header_ = {};
};

// The digest, the error, or the end that next() gives.
std::string outcome(Loader& loader) {
  try {
    const std::optional<Batch> batch = loader.next();
    return batch ? digest(*batch) : "end";
  } catch (const Error& error) {
    return error.text();
  }
}

std::vector<std::string> outcomes(Loader loader, int count) {
  std::vector<std::string> all;
  for (int i = 0; i < count; ++i) all.push_back(outcome(loader));
  return all;
}

constexpr int per_epoch = 13;  // 12 batches and the end

TEST_F(LoaderStress, GivesTheSameBatchesAndErrorsWhateverTheDelays) {
  const auto calm = outcomes(loader(0), 2 * per_epoch);
  EXPECT_EQ(std::count(calm.begin(), calm.end(), "end"), 2);
  EXPECT_EQ(std::count(calm.begin(), calm.end(), "this one is broken"), 2);
  for (unsigned delays = 1; delays <= 12; ++delays) {
    Loader hasty = loader(delays);
    Chance chance(delays);
    for (const std::string& expected : calm) {
      EXPECT_EQ(outcome(hasty), expected) << "delays " << delays;
      pause(chance, 300);
    }
  }
}

TEST_F(LoaderStress, EndsAtAnyMomentWhileBatchesAreKept) {
  const std::string first = outcomes(loader(0), 1).front();
  for (unsigned delays = 1; delays <= 60; ++delays) {
    Chance chance(delays);
    std::vector<Batch> kept;
    {
      Loader early = loader(delays);
      const auto slots = static_cast<std::size_t>(any(chance, 0, 1));
      for (int taken = any(chance, 0, 6); taken > 0; --taken) {
        try {
          std::optional<Batch> batch = early.next();
          if (batch && kept.size() < slots) kept.push_back(std::move(*batch));
        } catch (const Error&) {
          continue;
        }
        if (kept.size() == slots && slots > 0) break;
      }
      pause(chance, 2000);  // time enough to fill every slot, now and then
    }
    if (!kept.empty() && kept[0].index() == 0) {
      EXPECT_EQ(digest(kept[0]), first);
    }
  }
}

TEST_F(LoaderStress, GoesToAnyBatchAtAnyMoment) {
  const auto calm = outcomes(loader(0), 2 * per_epoch);
  Loader moved = loader(3);
  Chance chance(3);
  for (int i = 0; i < 40; ++i) {
    const int epoch = any(chance, 0, 1);
    const int batch = any(chance, 0, per_epoch - 2);
    moved.seek({epoch, batch});
    pause(chance, 500);
    for (int k = epoch * per_epoch + batch, left = any(chance, 0, 3); left > 0; --left, ++k) {
      if (k < 2 * per_epoch) {
        EXPECT_EQ(outcome(moved), calm[static_cast<std::size_t>(k)]) << k;
      }
    }
  }
}

}  // namespace
}  // namespace pinfeed
