// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "pinfeed/core/trace.h"
#include "pinfeed/image/expression/render_clock.h"

namespace pinfeed {

/// Seconds of work and of waiting of one stage, summed over its threads.
struct StageTimes {
  double busy_seconds = 0.0;
  double wait_seconds = 0.0;
};

/// The stages of a loader. The four after `render` are parts of it; `slot` only waits: a batch
/// could be rendered and no slot is free; `consumer` is who calls next().
enum class LoaderStage : std::uint8_t {
  plan,
  read,
  render,
  decode,
  resample,
  colour,
  write,
  slot,
  consumer
};

/// What the threads of a loader spend their time on. Any number of threads at once.
class StageClocks {
 public:
  using Time = Trace::Time;

  /// Spans go to the trace, if there is one.
  explicit StageClocks(std::shared_ptr<Trace> trace);

  /// A thread that works on a stage, and its lane of the trace.
  struct Thread {
    LoaderStage stage = LoaderStage::plan;
    int lane = -1;
  };
  Thread thread(LoaderStage stage, const std::string& name);

  static Time now() { return std::chrono::steady_clock::now(); }
  /// The thread worked from `start` until now.
  void worked(const Thread& thread, Time start, std::int64_t batch = -1);
  void waited(const Thread& thread, Time start);
  /// The thread rendered from `start` until now. The time is divided as `split` is.
  void rendered(const Thread& thread, Time start, std::int64_t batch,
                const image::RenderTimes& split);
  /// No slot is free for the next batch, until has_seat(). One thread at a time.
  void lacks_slot();
  void has_slot();

  /// By the stages' names.
  std::map<std::string, StageTimes> times() const;

 private:
  static constexpr std::size_t stage_count = static_cast<std::size_t>(LoaderStage::consumer) + 1;
  struct Clock {
    std::atomic<std::int64_t> busy = 0;  // nanoseconds
    std::atomic<std::int64_t> wait = 0;
  };
  Clock& clock(LoaderStage stage) { return clocks_[static_cast<std::size_t>(stage)]; }
  void work(const Thread& thread, Time start, Time end, std::int64_t batch);

  std::shared_ptr<Trace> trace_;
  std::array<Clock, stage_count> clocks_;
  Thread slots_ = {};
  std::optional<Time> without_slot_ = {};
};

}  // namespace pinfeed
