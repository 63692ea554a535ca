// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schedule/timeline.h"

#include <algorithm>

namespace pinfeed {

Timeline::Timeline(Schedule schedule, std::int64_t epoch_length, std::int64_t spacing)
    : schedule_(std::move(schedule)),
      epoch_length_(epoch_length),
      spacing_(spacing),
      moments_{schedule_.moment()} {}

const std::vector<GroupValues>& Timeline::value_at(std::int64_t k) {
  const std::int64_t last = static_cast<std::int64_t>(moments_.size()) - 1;
  const std::int64_t nearest = std::min(k / spacing_, last);
  const bool ahead = at_ <= k && at_ >= nearest * spacing_;
  if (!ahead) {
    schedule_.go_to(moments_[static_cast<std::size_t>(nearest)]);
    at_ = nearest * spacing_;
  }
  while (at_ < k) step();
  return schedule_.values();
}

void Timeline::step() {
  schedule_.after_iteration();
  ++at_;
  if (at_ % epoch_length_ == 0) schedule_.after_epoch();
  if (at_ == static_cast<std::int64_t>(moments_.size()) * spacing_) {
    moments_.push_back(schedule_.moment());
  }
}

}  // namespace pinfeed
