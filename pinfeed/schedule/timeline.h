// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "pinfeed/schedule/schedule.h"

namespace pinfeed {

/// Random access to the values of a schedule, equal to those of the recursion to the bit: it keeps
/// a snapshot every `spacing` iterations and repeats the steps from the nearest one. value_at(k)
/// takes the steps up to k when k is beyond the furthest iteration so far, and at most `spacing`
/// steps otherwise. Memory: a snapshot (88 bytes a group) for every `spacing` iterations up to the
/// furthest. Stages that follow a metric get none. Not thread-safe.
class Timeline {
 public:
  /// `schedule` is at its first iteration. An epoch ends after every `epoch_length` iterations.
  Timeline(Schedule schedule, std::int64_t epoch_length, std::int64_t spacing = 1024);

  /// The values of each group that iteration `k` (from 0) trains with. The reference is valid until
  /// the next call.
  const std::vector<GroupValues>& value_at(std::int64_t k);

 private:
  void step();

  Schedule schedule_;
  std::int64_t epoch_length_;
  std::int64_t spacing_;
  std::int64_t iteration_ = 0;                 // of schedule_
  std::vector<Schedule::Snapshot> snapshots_;  // of iterations 0, spacing, 2 * spacing ...
};

}  // namespace pinfeed
