// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/data/bad_samples.h"
#include "pinfeed/image/cache/cache_options.h"
#include "pinfeed/memory/slot_memory.h"

namespace pinfeed {

class Trace;
class Value;

/// The largest values of `threads`, `io_threads` and `prefetch`.
constexpr int max_threads = 1024;
constexpr int max_prefetch = 1000;

/// How a loader runs: the config's `pinfeed` and `randomness` dictionaries, and the command line.
struct LoaderOptions {
  std::uint64_t seed = 0;
  bool replay = false;  // random numbers as OpenMMLab's workers
  int threads = 0;      // render threads; 0: usable_cores()
  int io_threads = 4;
  std::optional<std::int64_t> memory_budget = {};  // bytes; empty: no limit except the queues
  Pinning pinning = Pinning::prefer;
  std::optional<int> device = {};     // batches are copied to this device
  int prefetch = 3;                   // batches made ahead of the one in use, at least 1
  std::shared_ptr<Trace> trace = {};  // records what each thread does
  OnBadSample on_bad_sample = OnBadSample::raise;
  std::string bad_sample_ledger = {};  // a file of JSON lines; empty: none
  double max_bad_fraction = 0.05;      // of the samples; more bad ones are an error
  bool keep_steps = false;             // Batch::steps() has what each step made of the samples
  bool index = true;                   // large annotation files get an index file
  image::CacheOptions cache = {};      // of decoded JPEGs
  int rank = 0;
  int world_size = 1;
  /// Each rank takes every world_size-th batch of those that one process makes, for an evaluation
  /// with the results of one process. Otherwise it takes samples, as upstream's samplers do.
  bool whole_batches = false;
  std::vector<std::string> warnings = {};  // of reading the config; become those of the data set
};

/// The options in the config's `pinfeed` and `randomness` dictionaries. Throws Error(config).
LoaderOptions loader_options(const Value& config);

}  // namespace pinfeed
