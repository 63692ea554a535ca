// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

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

  /// Mean duration of a run in the constructor; 0 if the step sleeps.
  double seconds_alone() const { return alone_; }
  /// Mean duration of a run since restart().
  double seconds() const { return runs_ == 0 ? 0.0 : total_ / static_cast<double>(runs_); }

 private:
  double seconds_;
  std::int64_t rounds_ = 0;  // of computation; 0 if the step sleeps
  double alone_ = 0.0;
  double total_ = 0.0;
  std::int64_t runs_ = 0;
};

}  // namespace pinfeed::cli
