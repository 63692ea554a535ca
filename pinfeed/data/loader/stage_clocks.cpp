// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/stage_clocks.h"

#include <cmath>
#include <numeric>
#include <utility>

namespace pinfeed {
namespace {

struct StageName {
  const char* work;
  const char* waiting;
};

constexpr std::array<StageName, 9> stage_names = {{{"plan", "wait for a free job"},
                                                   {"read", "wait for a plan"},
                                                   {"render", "wait for files or a slot"},
                                                   {"decode", ""},
                                                   {"resample", ""},
                                                   {"colour", ""},
                                                   {"write", ""},
                                                   {"slot", "no slot is free"},
                                                   {"consumer", "wait for a batch"}}};

constexpr std::size_t index_of(LoaderStage stage) { return static_cast<std::size_t>(stage); }

std::int64_t nanoseconds(Trace::Time::duration time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
}

}  // namespace

StageClocks::StageClocks(std::shared_ptr<Trace> trace) : trace_(std::move(trace)) {
  slots_ = thread(LoaderStage::slot, "slots");
}

StageClocks::Thread StageClocks::thread(LoaderStage stage, const std::string& name) {
  return {stage, trace_ ? trace_->track(name) : -1};
}

void StageClocks::work(const Thread& thread, Time start, Time end, std::int64_t batch) {
  clock(thread.stage).busy += nanoseconds(end - start);
  if (!trace_) return;
  trace_waits(thread.lane, batch);
  trace_->add(thread.lane, stage_names[index_of(thread.stage)].work, start, end, batch);
}

void StageClocks::trace_waits(int lane, std::int64_t batch) {
  const std::lock_guard lock(mutex_);
  std::erase_if(waits_, [&](const Wait& wait) {
    if (wait.lane != lane) return false;
    trace_->add(lane, wait.name, wait.start, wait.end, batch);
    return true;
  });
}

void StageClocks::worked(const Thread& thread, Time start, std::int64_t batch) {
  work(thread, start, now(), batch);
}

void StageClocks::rendered(const Thread& thread, Time start, std::int64_t batch,
                           const image::RenderTimes& split) {
  const Time end = now();
  work(thread, start, end, batch);
  const std::int64_t all = std::accumulate(split.begin(), split.end(), std::int64_t{0});
  if (all == 0) return;
  const double scale = static_cast<double>(nanoseconds(end - start)) / static_cast<double>(all);
  for (std::size_t i = 0; i < split.size(); ++i) {
    clocks_[index_of(LoaderStage::decode) + i].busy +=
        std::llround(static_cast<double>(split[i]) * scale);
  }
}

void StageClocks::waited(const Thread& thread, Time start) {
  constexpr std::int64_t shortest = 1000;  // nanoseconds; shorter waits are not traced
  const Time end = now();
  clock(thread.stage).wait += nanoseconds(end - start);
  if (!trace_ || nanoseconds(end - start) < shortest) return;
  const std::lock_guard lock(mutex_);
  waits_.push_back({thread.lane, stage_names[index_of(thread.stage)].waiting, start, end});
}

void StageClocks::begin_slot_wait(std::int64_t batch) {
  if (slot_wait_start_) return;
  slot_wait_start_ = now();
  batch_without_slot_ = batch;
}

void StageClocks::end_slot_wait() {
  if (!slot_wait_start_) return;
  waited(slots_, *slot_wait_start_);
  if (trace_) trace_waits(slots_.lane, batch_without_slot_);
  slot_wait_start_.reset();
}

std::map<std::string, StageTimes> StageClocks::times() const {
  std::map<std::string, StageTimes> times;
  for (std::size_t i = 0; i < stage_count; ++i) {
    times[stage_names[i].work] = {static_cast<double>(clocks_[i].busy) * 1e-9,
                                  static_cast<double>(clocks_[i].wait) * 1e-9};
  }
  return times;
}

}  // namespace pinfeed
