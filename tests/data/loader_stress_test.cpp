// SPDX-License-Identifier: Apache-2.0
// The loader with random delays, errors in every stage, and a stop at any moment, for
// ThreadSanitizer. The batches and errors do not depend on the delays.
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

using RandomNumbers = std::minstd_rand;

constexpr std::int64_t truncated = 5;  // its file ends early: the render thread finds out
constexpr std::int64_t gone = 11;      // its file is removed after planning: the reader finds out
constexpr std::int64_t broken = 17;    // fails when it is planned

int any(RandomNumbers& random, int from, int to) {
  return std::uniform_int_distribution<int>(from, to)(random);
}

void pause(RandomNumbers& random, int most_microseconds) {
  std::this_thread::sleep_for(std::chrono::microseconds(any(random, 0, most_microseconds)));
}

// Image files, a slow data set of them, and loaders of it.
class LoaderStress : public ::testing::Test {
 protected:
  LoaderStress() {
    const std::string whole = folder_.path() + "/whole.jpg";
    image::write_jpeg(noise(), whole);
    header_ = image::read_header_of(whole);
    std::filesystem::copy_file(whole, folder_.path() + "/truncated.jpg");
    std::filesystem::resize_file(folder_.path() + "/truncated.jpg", header_.file_bytes / 2);
  }

  Dataset files(unsigned delays) const {
    Dataset dataset{.name = "Files", .size = windows_count};
    auto delay = std::make_shared<RandomNumbers>(delays);  // one thread plans
    dataset.plan = [this, delays, delay](std::int64_t index,
                                         RandomContext& random) -> std::optional<Sample> {
      if (delays > 0) pause(*delay, 200);
      if (index == broken) throw Error(ErrorKind::data, "this one is broken");
      return window_of(image::decoded(stored(index, random.arena()), random.arena()), index,
                       random);
    };
    return dataset;
  }

  // delays == 0: one thread of each kind and no delays.
  Loader loader(unsigned delays) const {
    RandomNumbers random(delays);
    LoaderLimits limits{.threads = 1, .io_threads = 1, .slots = 2};
    if (delays > 0) limits = {any(random, 1, 4), any(random, 1, 3), any(random, 1, 4), {}};
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
  std::string truncated_ = folder_.path() + "/truncated.jpg";
  std::string gone_ = folder_.path() + "/gone.jpg";
  image::Header header_ = {};
};

// What next() returns or throws: a digest, the end, or an error.
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

TEST_F(LoaderStress, MakesTheSameBatchesAndErrorsForAnyDelays) {
  const auto calm = outcomes(loader(0), 2 * per_epoch);
  EXPECT_EQ(std::count(calm.begin(), calm.end(), "end"), 2);
  EXPECT_EQ(std::count(calm.begin(), calm.end(), "this one is broken"), 2);
  for (unsigned delays = 1; delays <= 12; ++delays) {
    Loader hasty = loader(delays);
    RandomNumbers random(delays);
    for (const std::string& expected : calm) {
      EXPECT_EQ(outcome(hasty), expected) << "delays " << delays;
      pause(random, 300);
    }
  }
}

TEST_F(LoaderStress, MayBeDestroyedAtAnyMomentWhileBatchesAreInUse) {
  const std::string first = outcomes(loader(0), 1).front();
  for (unsigned delays = 1; delays <= 60; ++delays) {
    RandomNumbers random(delays);
    std::vector<Batch> kept;
    {
      Loader early = loader(delays);
      const auto slots = static_cast<std::size_t>(any(random, 0, 1));
      for (int count = any(random, 0, 6); count > 0; --count) {
        try {
          std::optional<Batch> batch = early.next();
          if (batch && kept.size() < slots) kept.push_back(std::move(*batch));
        } catch (const Error&) {
          continue;
        }
        if (kept.size() == slots && slots > 0) break;
      }
      pause(random, 2000);  // time enough to fill every slot, sometimes
    }
    if (!kept.empty() && kept[0].index() == 0) {
      EXPECT_EQ(digest(kept[0]), first);
    }
  }
}

TEST_F(LoaderStress, SeeksToAnyBatchAtAnyMoment) {
  const auto calm = outcomes(loader(0), 2 * per_epoch);
  Loader moved = loader(3);
  RandomNumbers random(3);
  for (int i = 0; i < 40; ++i) {
    const int epoch = any(random, 0, 1);
    const int batch = any(random, 0, per_epoch - 2);
    moved.seek({epoch, batch});
    pause(random, 500);
    for (int k = epoch * per_epoch + batch, left = any(random, 0, 3); left > 0; --left, ++k) {
      if (k < 2 * per_epoch) {
        EXPECT_EQ(outcome(moved), calm[static_cast<std::size_t>(k)]) << k;
      }
    }
  }
}

}  // namespace
}  // namespace pinfeed
