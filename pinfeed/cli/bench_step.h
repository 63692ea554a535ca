// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>

namespace pinfeed::cli {

/// A simulated training step.
class Step {
 public:
  /// A step of `seconds`. It sleeps, as if a device trained, or it computes on the calling thread.
  /// In the second case the constructor measures the amount of work, which is then the same in each
  /// run.
  Step(double seconds, bool computes);

  void run();
  /// Resets the mean.
  void restart();

  /// Measures again how long a run takes while nothing else works; does nothing if the step sleeps.
  void measure_alone();
  /// The shortest median duration of the measurements by the constructor and measure_alone(), and
  /// at most seconds(): the same work is not faster beside a loader, so a longer measurement was
  /// disturbed by other programs. 0 if the step sleeps.
  double seconds_alone() const;
  /// Mean duration of a run since restart().
  double seconds() const { return runs_ == 0 ? 0.0 : total_ / static_cast<double>(runs_); }

 private:
  double seconds_;
  std::int64_t rounds_ = 0;  // of computation; 0 if the step sleeps
  double alone_ = std::numeric_limits<double>::infinity();
  double total_ = 0.0;
  std::int64_t runs_ = 0;
};

}  // namespace pinfeed::cli
