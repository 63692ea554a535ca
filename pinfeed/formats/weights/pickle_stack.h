// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pinfeed/formats/weights/pickle_calls.h"

namespace pinfeed {

/// The stack of a pickle: indices of values, with marks between them. Each function throws
/// Error(data) when the stack does not have what it needs; a value below the last mark cannot be
/// popped.
class PickleStack {
 public:
  explicit PickleStack(PickleCalls& calls) : calls_(&calls) {}

  void push(std::uint32_t value) { values_.push_back(value); }
  std::uint32_t pop() {
    if (values_.size() <= (marks_.empty() ? 0 : marks_.back())) {
      throw damaged_pickle("its stack is empty");
    }
    const std::uint32_t value = values_.back();
    values_.pop_back();
    return value;
  }
  std::uint32_t top() {
    const std::uint32_t value = pop();
    push(value);
    return value;
  }
  /// The last `count` values, in the order they were pushed.
  std::vector<std::uint32_t> pop_values(std::size_t count) {
    std::vector<std::uint32_t> values(count);
    for (std::size_t i = count; i-- > 0;) values[i] = pop();
    return values;
  }

  void push_mark() {
    calls_->charge(1);
    marks_.push_back(values_.size());
  }
  /// The values above the last mark, which is removed.
  std::vector<std::uint32_t> pop_to_mark() {
    if (marks_.empty()) throw damaged_pickle("a mark is missing");
    const auto first = values_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<std::uint32_t> values(first, values_.end());
    values_.erase(first, values_.end());
    marks_.pop_back();
    return values;
  }
  void pop_value_or_mark() {
    if (!marks_.empty() && values_.size() == marks_.back()) {
      marks_.pop_back();
    } else {
      pop();
    }
  }

 private:
  PickleCalls* calls_;
  std::vector<std::uint32_t> values_ = {};
  std::vector<std::size_t> marks_ = {};
};

}  // namespace pinfeed
