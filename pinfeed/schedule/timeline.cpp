// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schedule/timeline.h"

#include <algorithm>

namespace pinfeed {

Timeline::Timeline(Schedule schedule, std::int64_t epoch_length, std::int64_t spacing)
    : schedule_(std::move(schedule)),
      epoch_length_(epoch_length),
      spacing_(spacing),
      snapshots_{schedule_.snapshot()} {}

const std::vector<GroupValues>& Timeline::value_at(std::int64_t k) {
  const std::int64_t last = static_cast<std::int64_t>(snapshots_.size()) - 1;
  const std::int64_t nearest = std::min(k / spacing_, last);
  const bool on_the_way = iteration_ <= k && iteration_ >= nearest * spacing_;
  if (!on_the_way) {
    schedule_.restore(snapshots_[static_cast<std::size_t>(nearest)]);
    iteration_ = nearest * spacing_;
  }
  while (iteration_ < k) step();
  return schedule_.values();
}

void Timeline::step() {
  schedule_.after_iteration();
  ++iteration_;
  if (iteration_ % epoch_length_ == 0) schedule_.after_epoch();
  if (iteration_ == static_cast<std::int64_t>(snapshots_.size()) * spacing_) {
    snapshots_.push_back(schedule_.snapshot());
  }
}

}  // namespace pinfeed
