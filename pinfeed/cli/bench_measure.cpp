// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/bench_measure.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "pinfeed/cli/bench_step.h"
#include "pinfeed/cli/command.h"
#include "pinfeed/core/clock.h"
#include "pinfeed/core/error.h"

namespace pinfeed::cli {
namespace {

rusage usage() {
  rusage used = {};
  ::getrusage(RUSAGE_SELF, &used);
  return used;
}

double cpu_seconds(const rusage& used) {
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

std::int64_t images_of(const Batch& batch) { return std::ssize(batch.samples()); }

// Shows the progress on stderr, five times a second.
class Progress {
 public:
  Progress(bool live, double seconds) : live_(live), seconds_(seconds) {}
  ~Progress() { end_live(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(double passed, std::int64_t images) {
    constexpr double interval = 0.2;
    if (!live_ || passed < next_) return;
    next_ = passed + interval;
    say_live(fmt::format("{:4.1f} of {:.1f} s  {:8.1f} images/s", passed, seconds_,
                         static_cast<double>(images) / passed));
  }

 private:
  bool live_;
  double seconds_;
  double next_ = 0.2;
};

// Runs the loader for some seconds, for several epochs if necessary. Returns the number of images.
std::int64_t run_loader(Loader& loader, Step& step, bool live, double seconds) {
  Progress progress(live, seconds);
  std::int64_t images = 0;
  const double start = clock_seconds();
  for (double passed = 0.0; images == 0 || passed < seconds; passed = clock_seconds() - start) {
    const std::optional<Batch> batch = loader.next();
    if (!batch) continue;
    images += images_of(*batch);
    step.run();
    progress.show(clock_seconds() - start, images);
  }
  return images;
}

// The speed of the consumer alone: it gets the same batch every time.
double run_cached(Loader& loader, Step& step, double seconds) {
  std::optional<Batch> batch;
  while (!batch) batch = loader.next();
  std::int64_t images = 0;
  const double start = clock_seconds();
  while (images == 0 || clock_seconds() - start < seconds) {
    images += images_of(*batch);
    step.run();
  }
  return static_cast<double>(images) / (clock_seconds() - start);
}

std::map<std::string, StageTimes> difference(std::map<std::string, StageTimes> after,
                                             const std::map<std::string, StageTimes>& before) {
  for (auto& [name, times] : after) {
    times.busy_seconds -= before.at(name).busy_seconds;
    times.wait_seconds -= before.at(name).wait_seconds;
  }
  return after;
}

}  // namespace

Measurement measure(const std::function<Loader()>& make, const BenchOptions& run) {
  Step step(run.step_seconds, run.step_computes);
  const double start = clock_seconds();
  Loader loader = make();
  if (loader.batches_per_epoch() == 0) {
    throw Error(ErrorKind::data, "the data set is empty: there is nothing to measure");
  }
  while (!loader.next()) continue;
  Measurement result{.first_batch_seconds = clock_seconds() - start};
  run_loader(loader, step, run.live,
             std::min(0.7, run.seconds / 2));  // warm-up of caches and slots
  step.restart();
  const auto stages = loader.stages();
  const double cpu = cpu_seconds(usage());
  const double from = clock_seconds();
  const auto images = static_cast<double>(run_loader(loader, step, run.live, run.seconds));
  result.seconds = clock_seconds() - from;
  result.images_per_second = images / result.seconds;
  result.cpu_seconds_per_image = (cpu_seconds(usage()) - cpu) / images;
  result.stages = difference(loader.stages(), stages);
  result.peak_rss_bytes = std::int64_t{usage().ru_maxrss} * 1024;
  result.threads = loader.threads();
  result.io_threads = loader.io_threads();
  result.batch_size = loader.batch_size();
  result.pinned = loader.pinned();
  if (run.step_seconds > 0.0) {
    const double with_loader = step.seconds();
    result.cached_images_per_second = run_cached(loader, step, std::min(1.0, run.seconds / 4));
    step.measure_alone();  // the slots are full: the loader rests
    if (run.step_computes) result.step = {std::min(step.seconds_alone(), with_loader), with_loader};
  }
  return result;
}

}  // namespace pinfeed::cli
