// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

namespace pinfeed {

/// The largest of the most recent sizes: of at least the last 64 of them and of at most twice as
/// many. Memory that is reused follows it, so that one unusual size does not keep memory for
/// good.
class RecentPeak {
 public:
  void add(std::size_t size) {
    newer_ = std::max(newer_, size);
    if (++count_ < window) return;
    older_ = newer_;
    newer_ = 0;
    count_ = 0;
  }
  std::size_t value() const { return std::max(older_, newer_); }

 private:
  static constexpr int window = 64;

  int count_ = 0;
  std::size_t newer_ = 0;  // of the last `count_` sizes
  std::size_t older_ = 0;  // of the `window` sizes before them
};

}  // namespace pinfeed
