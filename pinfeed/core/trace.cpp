// SPDX-License-Identifier: Apache-2.0
// Source of the rules: Trace Event Format,
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
#include "pinfeed/core/trace.h"

#include <fmt/format.h>

#include <algorithm>

#include "pinfeed/core/json_text.h"

namespace pinfeed {
namespace {

std::int64_t nanoseconds(Trace::Time::duration time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
}

double microseconds(std::int64_t nanoseconds) { return static_cast<double>(nanoseconds) * 1e-3; }

std::string track_event(std::size_t track, const std::string& name) {
  return fmt::format(
      R"({{"ph": "M", "name": "thread_name", "pid": 1, "tid": {}, "args": {{"name": {}}}}})", track,
      json_string(name));
}

}  // namespace

int Trace::track(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(tracks_.begin(), tracks_.end(),
                                  [&name](const Track& track) { return track.name == name; });
  const auto index = found - tracks_.begin();
  if (found == tracks_.end()) tracks_.push_back({.name = name});
  return static_cast<int>(index);
}

void Trace::add(int track, const char* name, Time begin, Time end, std::int64_t batch) {
  const std::lock_guard lock(mutex_);
  tracks_[static_cast<std::size_t>(track)].spans.push_back(
      {name, nanoseconds(begin - start_), nanoseconds(end - begin), batch});
}

std::string Trace::json() const {
  const std::lock_guard lock(mutex_);
  std::string text = "{\"traceEvents\": [\n";
  for (std::size_t i = 0; i < tracks_.size(); ++i) {
    text += (i == 0 ? "" : ",\n") + track_event(i, tracks_[i].name);
    for (const Span& span : tracks_[i].spans) {
      const std::string args =
          span.batch < 0 ? "" : fmt::format(R"(, "args": {{"batch": {}}})", span.batch);
      fmt::format_to(std::back_inserter(text),
                     ",\n{{\"ph\": \"X\", \"name\": {}, \"pid\": 1, \"tid\": {}, \"ts\": {:.3f}, "
                     "\"dur\": {:.3f}{}}}",
                     json_string(span.name), i, microseconds(span.begin), microseconds(span.length),
                     args);
    }
  }
  return text + "\n], \"displayTimeUnit\": \"ms\"}\n";
}

}  // namespace pinfeed
