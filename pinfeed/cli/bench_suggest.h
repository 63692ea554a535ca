// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pinfeed/cli/bench_measure.h"

namespace pinfeed::cli {

/// What `bench --suggest` chooses: keys of the config's `pinfeed` dictionary.
struct LoaderSetting {
  int threads = 1;
  int prefetch = 3;
};

/// A setting, and how it did.
struct Trial {
  LoaderSetting setting = {};
  Measured measured = {};
};

/// What was tried, in order, and what does.
struct Suggestion {
  std::vector<Trial> trials = {};
  LoaderSetting chosen = {};
};

/// Measures numbers of threads up to `cores`, then with the best of them values of prefetch, each
/// twice. Chooses the smallest that are within 3 % of the fastest.
Suggestion suggest(const std::function<Loader(const LoaderSetting&)>& make, int cores,
                   const BenchRun& run);

/// A table of the trials and the line for the config.
std::string text_of(const Suggestion& suggestion);

}  // namespace pinfeed::cli
