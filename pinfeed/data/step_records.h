// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "pinfeed/data/sample.h"
#include "pinfeed/data/transform.h"

namespace pinfeed {

/// The result of each step of a pipeline for one sample, for display. Its memory is in the arena of
/// the batch; valid no longer than the data set.
class StepRecords {
 public:
  struct Record {
    const Transform* step;
    Sample sample;  // after the step
  };

  explicit StepRecords(Arena& arena) : arena_(&arena) {}

  /// Records of a dropped sample are removed when the pipeline starts with its replacement.
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
