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

/// Mean duration of the consumer's step.
struct StepTimes {
  double alone = 0.0;        // seconds, while the loader rests; at most with_loader
  double with_loader = 0.0;  // seconds, while the loader runs
};

/// The measurement of one run of a loader.
struct Measurement {
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
  /// Images per second when the consumer gets the same batch every time.
  std::optional<double> cached_images_per_second = {};
  std::optional<StepTimes> step = {};  // if the step computes
};

/// Options of a measurement.
struct BenchOptions {
  double seconds = 5.0;
  double step_seconds = 0.0;   // duration of the consumer's step after each batch
  bool step_computes = false;  // the step computes; otherwise it sleeps
  bool live = true;            // show the progress on stderr
};

/// Builds the loader and runs it, for several epochs if necessary. Throws Error(data) when the data
/// set is empty.
Measurement measure(const std::function<Loader()>& make, const BenchOptions& run);

}  // namespace pinfeed::cli
