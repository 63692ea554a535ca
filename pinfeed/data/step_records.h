// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "pinfeed/data/sample.h"
#include "pinfeed/data/transform.h"

namespace pinfeed {

/// What each step of a pipeline made of one sample, for people to look at. Lives in the arena of
/// its batch and no longer than the data set.
class StepRecords {
 public:
  struct Record {
    const Transform* step;
    Sample sample;  // behind the step
  };

  explicit StepRecords(Arena& arena) : arena_(&arena) {}

  /// A pipeline that begins anew, because the sample before was dropped, begins a new record.
  void add(const Transform& step, const Sample& sample) {
    if (!records_.empty() && records_.front().step == &step) records_.clear();
    records_.push_back({&step, copied(sample, *arena_)});
  }
  const std::deque<Record>& records() const { return records_; }

 private:
  Arena* arena_;
  std::deque<Record> records_ = {};
};

}  // namespace pinfeed
