// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pinfeed/cli/bench_measure.h"

namespace pinfeed::cli {

/// The settings that `bench --suggest` chooses: keys of the `pinfeed` dictionary of a config.
struct LoaderSetting {
  int threads = 1;
  int prefetch = 3;
};

/// A setting and its measurement.
struct Trial {
  LoaderSetting setting = {};
  Measurement measured = {};
};

/// The measured settings in order, and the chosen one.
struct Suggestion {
  std::vector<Trial> trials = {};
  LoaderSetting chosen = {};
};

/// Measures numbers of threads up to `cores`, then values of prefetch with the chosen number of
/// threads; each setting twice. Chooses the smallest values that are within 3 % of the fastest.
Suggestion suggest(const std::function<Loader(const LoaderSetting&)>& make, int cores,
                   const BenchOptions& run);

/// A table of the trials, and the line for the config.
std::string text_of(const Suggestion& suggestion);

}  // namespace pinfeed::cli
