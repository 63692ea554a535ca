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

std::string lane_event(std::size_t lane, const std::string& name) {
  return fmt::format(
      R"({{"ph": "M", "name": "thread_name", "pid": 1, "tid": {}, "args": {{"name": {}}}}})", lane,
      json_string(name));
}

}  // namespace

int Trace::lane(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(lanes_.begin(), lanes_.end(),
                                  [&name](const Lane& lane) { return lane.name == name; });
  const auto place = found - lanes_.begin();
  if (found == lanes_.end()) lanes_.push_back({.name = name});
  return static_cast<int>(place);
}

void Trace::add(int lane, const char* name, Time begin, Time end, std::int64_t batch) {
  const std::lock_guard lock(mutex_);
  lanes_[static_cast<std::size_t>(lane)].spans.push_back(
      {name, nanoseconds(begin - start_), nanoseconds(end - begin), batch});
}

std::string Trace::json() const {
  const std::lock_guard lock(mutex_);
  std::string text = "{\"traceEvents\": [\n";
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    text += (i == 0 ? "" : ",\n") + lane_event(i, lanes_[i].name);
    for (const Span& span : lanes_[i].spans) {
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
