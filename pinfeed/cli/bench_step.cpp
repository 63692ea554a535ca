// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/bench_step.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <ctime>
#include <thread>

#include "pinfeed/core/clock.h"

namespace pinfeed::cli {
namespace {

// Multiplications and additions over 32 KiB.
void compute(std::int64_t rounds) {
  static std::array<float, 8192> values = {};
  for (std::int64_t i = 0; i < rounds; ++i) {
    for (float& value : values) value = value * 0.999F + 0.5F;
    std::atomic_signal_fence(std::memory_order_seq_cst);  // each round is done
  }
}

double seconds_of(std::int64_t rounds) {
  const double start = clock_seconds();
  compute(rounds);
  return clock_seconds() - start;
}

// Of this thread: the time of other programs does not count.
double thread_cpu_seconds() {
  timespec time = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

double cpu_seconds_of(std::int64_t rounds) {
  const double start = thread_cpu_seconds();
  compute(rounds);
  return thread_cpu_seconds() - start;
}

// The shortest of several measurements: other programs make a measurement longer, never shorter.
double least_cpu_seconds_of(std::int64_t rounds) {
  double least = cpu_seconds_of(rounds);
  for (int i = 0; i < 4; ++i) least = std::min(least, cpu_seconds_of(rounds));
  return least;
}

}  // namespace

Step::Step(double seconds, bool computes) : seconds_(seconds) {
  if (!computes || seconds <= 0.0) return;
  std::int64_t rounds = 64;
  while (cpu_seconds_of(rounds) < 0.02) rounds *= 2;
  rounds_ = std::max<std::int64_t>(
      1, std::llround(static_cast<double>(rounds) * seconds / least_cpu_seconds_of(rounds)));
  measure_alone();
}

void Step::measure_alone() {
  if (rounds_ == 0) return;
  std::array<double, 11> tries = {};
  for (double& seconds : tries) seconds = seconds_of(rounds_);
  std::nth_element(tries.begin(), tries.begin() + tries.size() / 2, tries.end());
  alone_ = std::min(alone_, tries[tries.size() / 2]);
}

double Step::seconds_alone() const {
  if (rounds_ == 0) return 0.0;
  return runs_ == 0 ? alone_ : std::min(alone_, seconds());
}

void Step::run() {
  if (seconds_ <= 0.0) return;
  const double start = clock_seconds();
  if (rounds_ > 0)
    compute(rounds_);
  else
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds_));
  total_ += clock_seconds() - start;
  ++runs_;
}

void Step::restart() {
  total_ = 0.0;
  runs_ = 0;
}

}  // namespace pinfeed::cli
