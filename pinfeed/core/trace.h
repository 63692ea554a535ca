// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace pinfeed {

/// What threads did when, as Perfetto and chrome://tracing draw it: one lane per thread. Any number
/// of threads at once.
class Trace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// The lane of this name, a new one where there is none.
  int lane(const std::string& name);
  /// A span on a lane. `name` lives as long as the trace; batch -1: of none.
  void add(int lane, const char* name, Time begin, Time end, std::int64_t batch = -1);
  /// {"traceEvents": [...]}, the Trace Event Format of Chrome: complete events, microseconds from
  /// when the trace was made.
  std::string json() const;

 private:
  struct Span {
    const char* name = nullptr;
    std::int64_t begin = 0;  // nanoseconds
    std::int64_t length = 0;
    std::int64_t batch = -1;
  };
  struct Lane {
    std::string name = {};
    std::vector<Span> spans = {};
  };

  Time start_ = std::chrono::steady_clock::now();
  mutable std::mutex mutex_;
  std::vector<Lane> lanes_;
};

}  // namespace pinfeed
