// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/stage_clocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinfeed {
namespace {

using namespace std::chrono_literals;

StageClocks::Time before(std::chrono::milliseconds time) { return StageClocks::now() - time; }

TEST(StageClocks, AddUpWorkAndWaitingOfEachStage) {
  StageClocks clocks(nullptr);
  const auto plan = clocks.thread(LoaderStage::plan, "plan");
  const auto read = clocks.thread(LoaderStage::read, "io-0");
  clocks.worked(plan, before(2000ms), 0);
  clocks.worked(plan, before(1000ms), 1);
  clocks.waited(read, before(500ms));
  const auto times = clocks.times();
  EXPECT_EQ(times.size(), 9U);
  EXPECT_NEAR(times.at("plan").busy_seconds, 3.0, 0.1);
  EXPECT_EQ(times.at("plan").wait_seconds, 0.0);
  EXPECT_NEAR(times.at("read").wait_seconds, 0.5, 0.1);
}

TEST(StageClocks, DivideRenderingTimeInProportion) {
  StageClocks clocks(nullptr);
  const auto random = clocks.thread(LoaderStage::render, "render-0");
  clocks.rendered(random, before(1000ms), 0, {600, 300, 100, 0});
  clocks.rendered(random, before(1000ms), 0, {0, 0, 0, 7});
  clocks.rendered(random, before(1000ms), 0, {});  // never measured
  const auto times = clocks.times();
  EXPECT_NEAR(times.at("render").busy_seconds, 3.0, 0.1);
  EXPECT_NEAR(times.at("decode").busy_seconds, 0.6, 0.05);
  EXPECT_NEAR(times.at("resample").busy_seconds, 0.3, 0.05);
  EXPECT_NEAR(times.at("colour").busy_seconds, 0.1, 0.05);
  EXPECT_NEAR(times.at("write").busy_seconds, 1.0, 0.05);
}

TEST(StageClocks, CountTheTimeWithoutASlotOnce) {
  const auto trace = std::make_shared<Trace>();
  StageClocks clocks(trace);
  clocks.end_slot_wait();
  EXPECT_EQ(clocks.times().at("slot").wait_seconds, 0.0);
  const auto begin = StageClocks::now();
  clocks.begin_slot_wait(3);
  const auto start = StageClocks::now();
  while (StageClocks::now() - start < 20ms) clocks.begin_slot_wait(4);
  clocks.end_slot_wait();
  clocks.end_slot_wait();
  const std::chrono::duration<double> longest = StageClocks::now() - begin;
  EXPECT_GE(clocks.times().at("slot").wait_seconds, 0.02);
  EXPECT_LE(clocks.times().at("slot").wait_seconds, longest.count());
  EXPECT_THAT(trace->json(), testing::HasSubstr("\"name\": \"no slot is free\""));
  EXPECT_THAT(trace->json(), testing::HasSubstr("\"args\": {\"batch\": 3}"));
}

TEST(StageClocks, AddWorkAndWaitingToTheTrace) {
  const auto trace = std::make_shared<Trace>();
  StageClocks clocks(trace);
  clocks.worked(clocks.thread(LoaderStage::plan, "plan"), before(1ms), 12);
  const auto consumer = clocks.thread(LoaderStage::consumer, "consumer");
  clocks.waited(consumer, before(1ms));
  clocks.worked(consumer, before(1ms), 13);
  for (const char* part :
       {R"("name": "plan", "pid": 1)", R"("args": {"batch": 12})", R"("name": "wait for a batch")",
        R"("args": {"batch": 13})", R"("args": {"name": "consumer"})"}) {
    EXPECT_THAT(trace->json(), testing::HasSubstr(part));
  }
}

}  // namespace
}  // namespace pinfeed
