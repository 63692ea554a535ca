// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace pinfeed {

/// What each thread did when, for Perfetto and chrome://tracing: one track per thread. Thread-safe.
class Trace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// The number of the track of this name, which is added if there is none.
  int track(const std::string& name);
  /// Adds a span to a track. `name` must outlive the trace; batch -1 means no batch.
  void add(int track, const char* name, Time begin, Time end, std::int64_t batch = -1);
  /// The spans in Chrome's Trace Event Format, {"traceEvents": [...]}: complete events with times
  /// in microseconds since the trace was constructed.
  std::string json() const;

 private:
  struct Span {
    const char* name = nullptr;
    std::int64_t begin = 0;  // nanoseconds
    std::int64_t length = 0;
    std::int64_t batch = -1;
  };
  struct Track {
    std::string name = {};
    std::vector<Span> spans = {};
  };

  Time start_ = std::chrono::steady_clock::now();
  mutable std::mutex mutex_;
  std::vector<Track> tracks_;
};

}  // namespace pinfeed
