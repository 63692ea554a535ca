// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/data/loader/stage_clocks.h"
#include "pinfeed/memory/batch_buffer_ring.h"

namespace pinfeed::cli {

/// How long the consumer's step took on average.
struct StepTimes {
  double alone = 0.0;   // seconds, with nothing beside it
  double beside = 0.0;  // seconds, beside the loader
};

/// What one run of a loader showed.
struct Measured {
  double images_per_second = 0.0;
  double cpu_seconds_per_image = 0.0;
  double first_batch_seconds = 0.0;
  double seconds = 0.0;
  std::int64_t peak_rss_bytes = 0;
  int threads = 0;
  int io_threads = 0;
  std::int64_t batch_size = 0;
  bool pinned = false;
  std::map<std::string, StageTimes> stages = {};
  /// Images per second of the same consumer with one batch in the place of all.
  std::optional<double> cached_images_per_second = {};
  std::optional<StepTimes> step = {};  // where it computes
};

/// How a run is measured.
struct BenchRun {
  double seconds = 5.0;
  double step_seconds = 0.0;   // what the consumer does with a batch: it sleeps, as for a device
  bool step_computes = false;  // ... or it computes
  bool live = true;            // a line on stderr that shows how far it is
};

/// Builds the loader and runs it, over as many epochs as it takes. Throws Error(data) when the data
/// set is empty.
Measured measure(const std::function<Loader()>& make, const BenchRun& run);

}  // namespace pinfeed::cli
