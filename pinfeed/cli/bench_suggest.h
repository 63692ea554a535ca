// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pinfeed/cli/bench_measure.h"
#include "pinfeed/config/value/value.h"

namespace pinfeed::cli {

/// The settings that `bench --suggest` chooses: keys of the `pinfeed` dictionary of a config.
struct LoaderSetting {
  int threads = 1;
  int prefetch = 3;
};

/// A setting and its measurement.
struct Trial {
  LoaderSetting setting = {};
  Measurement measured = {};  // the fastest of several
  bool steady = true;         // another measurement is within 3 % of it
};

/// The measured settings in order, and the chosen one.
struct Suggestion {
  std::vector<Trial> trials = {};
  LoaderSetting chosen = {};
};

/// Measures numbers of threads up to `cores`, then values of prefetch with the chosen number of
/// threads. Each setting is measured twice, and up to six times until its two best measurements
/// agree within 3 %. Chooses the smallest values that are within 3 % of the fastest.
Suggestion suggest(const std::function<Measurement(const LoaderSetting&)>& measure, int cores);

/// A table of the trials, and the line for the config: the keys of the config's `pinfeed`
/// dictionary (null: there is none) with the chosen values.
std::string text_of(const Suggestion& suggestion, const Value* pinfeed);

/// Proposes a cache of decoded JPEGs if decoding took half of the work or more in the last trial.
/// Empty otherwise, or if the dictionary has one.
std::string cache_advice(const Suggestion& suggestion, const Value* pinfeed);

}  // namespace pinfeed::cli
