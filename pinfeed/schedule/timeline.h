// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "pinfeed/schedule/schedule.h"

namespace pinfeed {

/// The values of a schedule at any iteration, equal to those of the recursion to the bit, because
/// it is the recursion: moments are kept every `spacing` iterations, and the steps from the nearest
/// one are done again. Cost of value_at(k): beyond the furthest iteration asked so far, the steps
/// up to k, once; otherwise at most `spacing` steps. Memory: a moment (88 bytes a group) for every
/// `spacing` iterations up to the furthest. Stages that wait for a metric are told of none.
class Timeline {
 public:
  /// A schedule at its first iteration; an epoch ends after every `epoch_length` iterations.
  Timeline(Schedule schedule, std::int64_t epoch_length, std::int64_t spacing = 1024);

  /// The values that iteration k (from 0) trains with, a group each. The reference holds until the
  /// next call.
  const std::vector<GroupValues>& value_at(std::int64_t k);

 private:
  void step();

  Schedule schedule_;
  std::int64_t epoch_length_;
  std::int64_t spacing_;
  std::int64_t at_ = 0;                    // the iteration that schedule_ is at
  std::vector<Schedule::Moment> moments_;  // of iterations 0, spacing, 2 * spacing ...
};

}  // namespace pinfeed
