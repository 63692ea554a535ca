// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/bench_suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace pinfeed::cli {
namespace {

constexpr int default_prefetch = 3;

// Powers of two below the number of cores, and this number.
std::vector<int> thread_counts(int cores) {
  std::vector<int> counts;
  for (int count = 1; count < cores; count *= 2) counts.push_back(count);
  counts.push_back(cores);
  return counts;
}

// The first trial, which has the smallest setting, within 3 % of the fastest.
const Trial& smallest_fast_trial(std::span<const Trial> trials) {
  constexpr double fast_enough = 0.97;
  double fastest = 0.0;
  for (const Trial& trial : trials) fastest = std::max(fastest, trial.measured.images_per_second);
  return *std::find_if(trials.begin(), trials.end(), [fastest](const Trial& trial) {
    return trial.measured.images_per_second >= fast_enough * fastest;
  });
}

// Measures all settings twice and keeps the faster run of each, because other programs can slow
// down a run.
std::vector<Trial> measure_all(const std::vector<LoaderSetting>& settings,
                               const std::function<Loader(const LoaderSetting&)>& make,
                               const BenchOptions& run) {
  std::vector<Trial> trials(settings.size());
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < settings.size(); ++i) {
      const Measurement measured = measure([&] { return make(settings[i]); }, run);
      if (measured.images_per_second <= trials[i].measured.images_per_second) continue;
      trials[i] = {settings[i], measured};
    }
  }
  return trials;
}

}  // namespace

Suggestion suggest(const std::function<Loader(const LoaderSetting&)>& make, int cores,
                   const BenchOptions& run) {
  Suggestion result;
  std::vector<LoaderSetting> settings;
  for (const int threads : thread_counts(cores)) settings.push_back({threads, default_prefetch});
  result.trials = measure_all(settings, make, run);
  const int threads = smallest_fast_trial(result.trials).setting.threads;
  const std::vector<Trial> by_prefetch = measure_all(
      {{threads, 1}, {threads, 2}, {threads, 3}, {threads, 5}, {threads, 7}}, make, run);
  result.trials.insert(result.trials.end(), by_prefetch.begin(), by_prefetch.end());
  result.chosen = smallest_fast_trial(by_prefetch).setting;
  return result;
}

std::string text_of(const Suggestion& suggestion) {
  std::string text = fmt::format("{:>7}{:>9}{:>12}{:>15}{:>17}\n", "threads", "prefetch",
                                 "images/s", "CPU-ms/image", "consumer waits");
  for (const auto& [setting, measured] : suggestion.trials) {
    const double waits = measured.stages.at("consumer").wait_seconds / measured.seconds;
    text += fmt::format("{:>7}{:>9}{:>12.1f}{:>15.2f}{:>15.0f} %\n", setting.threads,
                        setting.prefetch, measured.images_per_second,
                        1e3 * measured.cpu_seconds_per_image, 100.0 * waits);
  }
  return text + fmt::format("pinfeed = dict(threads={}, prefetch={})", suggestion.chosen.threads,
                            suggestion.chosen.prefetch);
}

}  // namespace pinfeed::cli
