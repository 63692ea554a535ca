// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pinfeed::cli {

/// What a consumer does with each batch, in the place of training.
class Step {
 public:
  /// Takes `seconds`: asleep, as beside a device, or computing on the calling thread. What it
  /// computes is the same each time; how much that is, is found here, with nothing beside it.
  Step(double seconds, bool computes);

  void run();
  /// Forgets the runs so far.
  void restart();

  /// Of one run, on average, when it was alone; 0 where it sleeps.
  double seconds_alone() const { return alone_; }
  /// Of one run, on average, since restart().
  double seconds() const { return runs_ == 0 ? 0.0 : total_ / static_cast<double>(runs_); }

 private:
  double seconds_;
  std::int64_t rounds_ = 0;  // of computing; 0 where it sleeps
  double alone_ = 0.0;
  double total_ = 0.0;
  std::int64_t runs_ = 0;
};

}  // namespace pinfeed::cli
