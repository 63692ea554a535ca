// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/trace.h"

#include <gtest/gtest.h>

#include <regex>
#include <thread>

namespace pinfeed {
namespace {

using namespace std::chrono_literals;

// The text with every point in time as T.
std::string without_times(const std::string& json) {
  return std::regex_replace(json, std::regex(R"("ts": -?[0-9.]+)"), "\"ts\": T");
}

TEST(Trace, IsJsonOfCompleteEventsInNamedTracks) {
  Trace trace;
  const Trace::Time start = std::chrono::steady_clock::now();
  const int plan = trace.track("plan");
  const int random = trace.track("render \"0\"");
  trace.add(plan, "plan", start, start + 1500us, 7);
  trace.add(random, "render", start, start + 20us);
  EXPECT_EQ(trace.track("plan"), plan);
  EXPECT_EQ(
      without_times(trace.json()),
      "{\"traceEvents\": [\n"
      R"({"ph": "M", "name": "thread_name", "pid": 1, "tid": 0, "args": {"name": "plan"}},)"
      "\n"
      R"({"ph": "X", "name": "plan", "pid": 1, "tid": 0, "ts": T, "dur": 1500.000, "args": {"batch": 7}},)"
      "\n"
      R"({"ph": "M", "name": "thread_name", "pid": 1, "tid": 1, "args": {"name": "render \"0\""}},)"
      "\n"
      R"({"ph": "X", "name": "render", "pid": 1, "tid": 1, "ts": T, "dur": 20.000})"
      "\n], \"displayTimeUnit\": \"ms\"}\n");
}

TEST(Trace, CountsFromItsBeginning) {
  Trace trace;
  const Trace::Time start = std::chrono::steady_clock::now();
  trace.add(trace.track("a"), "work", start + 3s, start + 4s);
  std::smatch found;
  const std::string json = trace.json();
  ASSERT_TRUE(std::regex_search(json, found, std::regex(R"("ts": ([0-9.]+))")));
  EXPECT_NEAR(std::stod(found[1]), 3e6, 1e5);
}

TEST(Trace, TakesSpansOfManyThreads) {
  Trace trace;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&trace, i] {
      const int track = trace.track(std::to_string(i));
      for (int k = 0; k < 500; ++k) trace.add(track, "work", {}, {}, k);
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string json = trace.json();
  const std::regex event("\"ph\": \"X\"");
  EXPECT_EQ(std::distance(std::sregex_iterator(json.begin(), json.end(), event), {}), 2000);
}

}  // namespace
}  // namespace pinfeed
