// SPDX-License-Identifier: Apache-2.0
// Random pipelines over odd images: no pipeline may crash, and its batches and errors must not
// depend on the number of threads or on a cache.
//
// The tests run the same seeds everywhere, from 0 on. By hand, tools/long_checks pipelines runs as
// many as it is told; PINFEED_PIPELINES=N and PINFEED_FIRST_SEED=S choose them. The config that is
// being run is in <build folder>/random_pipeline_<process>.py, so it remains after a crash.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

#include "pinfeed/config/read.h"
#include "pinfeed/data/loader/loader.h"
#include "pinfeed/inspect/digest.h"
#include "tests/pipelines/odd_images.h"
#include "tests/pipelines/random_config.h"

namespace pinfeed::pipelines {
namespace {

// What a pipeline makes: digests of batches and texts of errors, in order.
struct Outcome {
  std::vector<std::string> lines = {};
  bool complete = true;  // no error
  bool bug = false;      // an error that is not the user's

  void add(const Error& error) {
    complete = false;
    bug = bug || error.kind() == ErrorKind::bug || error.kind() == ErrorKind::system;
    lines.push_back(error.message());
  }
};

class RandomPipelines : public testing::Test {
 protected:
  Outcome outcome(const RandomConfig& config, const Value& root, int threads,
                  const image::CacheOptions& cache = {}) {
    Outcome made;
    try {
      LoaderOptions options{.seed = 3,
                            .replay = config.replay,
                            .threads = threads,
                            .io_threads = threads,
                            .prefetch = threads,
                            .cache = cache};
      options.max_bad_fraction = 1.0;
      if (config.on_bad_sample == "skip") options.on_bad_sample = OnBadSample::skip;
      if (config.on_bad_sample == "refetch") options.on_bad_sample = OnBadSample::refetch;
      Loader loader = make_loader(root, "train_dataloader", catalogs(), options);
      while (loader.state().epoch == 0) add_batch(loader, made);
    } catch (const Error& error) {
      made.add(error);
    }
    return made;
  }

  // Runs one pipeline with one thread and with four, or `cached`: without a cache, filling it, and
  // from it. Returns whether it ran without an error.
  bool run_seed(std::uint64_t seed, Images images, bool cached) {
    RandomConfig config = random_config(seed, images);
    const std::string folder = "@FOLDER@";
    config.text.replace(config.text.find(folder), folder.size(), images_.path());
    std::ofstream(file_) << config.text;
    const Value root = read_config_text(config.text).root;
    const Outcome one = outcome(config, root, 1);
    if (cached) {
      const test::TemporaryFolder cache;
      const Outcome filling = outcome(config, root, 2, {.folder = cache / ""});
      EXPECT_EQ(one.lines, filling.lines) << config.text;
      const image::CacheOptions filled{.folder = cache / "", .mode = image::CacheMode::read};
      EXPECT_EQ(one.lines, outcome(config, root, 2, filled).lines) << config.text;
    } else {
      EXPECT_EQ(one.lines, outcome(config, root, 4).lines) << config.text;
    }
    EXPECT_FALSE(one.bug) << config.text << fmt::format("{}", fmt::join(one.lines, "\n"));
    if (!one.complete && std::getenv("PINFEED_SHOW_ERRORS") != nullptr) {
      fmt::print("{}{}\n", config.text, one.lines.back());
    }
    return one.complete;
  }

  // Runs so many seeds, or as many as the environment says.
  void run_seeds(Images images, std::uint64_t count, bool cached = false) {
    const std::uint64_t begin = number_in("PINFEED_FIRST_SEED").value_or(0);
    count = number_in("PINFEED_PIPELINES").value_or(count);
    std::uint64_t run = 0;
    std::uint64_t complete = 0;
    for (; run < count && !HasFailure(); ++run) {
      if (run_seed(begin + run, images, cached)) ++complete;
    }
    std::filesystem::remove(file_);
    fmt::print("{} of {} pipelines ran to the end\n", complete, run);
    constexpr std::uint64_t enough = 20;  // for a fraction to mean something
    if (run >= enough) {
      EXPECT_GE(3 * complete, 2 * run);
    }
  }

 private:
  static std::optional<std::uint64_t> number_in(const char* variable) {
    const char* text = std::getenv(variable);
    return text == nullptr ? std::nullopt : std::optional<std::uint64_t>(std::stoull(text));
  }
  static void add_batch(Loader& loader, Outcome& made) {
    try {
      if (const auto batch = loader.next()) made.lines.push_back(digest(*batch));
    } catch (const Error& error) {
      made.add(error);
    }
  }

  OddImages images_;
  std::string file_ = fmt::format(PINFEED_BINARY_DIR "/random_pipeline_{}.py", ::getpid());
};

TEST_F(RandomPipelines, MakeTheSameBatchesWithOneThreadAndWithFour) {
  run_seeds(Images::healthy, 160);
}

TEST_F(RandomPipelines, MakeTheSameBatchesWithACache) { run_seeds(Images::healthy, 40, true); }

TEST_F(RandomPipelines, MakeTheSameBatchesOfBrokenImagesWithACache) {
  run_seeds(Images::some_broken, 20, true);
}

TEST_F(RandomPipelines, ReplaceBrokenImagesInTheSameWayWithOneThreadAndWithFour) {
  run_seeds(Images::some_broken, 60);
}

}  // namespace
}  // namespace pinfeed::pipelines
