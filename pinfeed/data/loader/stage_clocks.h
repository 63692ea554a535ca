// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/core/trace.h"
#include "pinfeed/image/expression/render_clock.h"

namespace pinfeed {

/// The time that the threads of one stage worked and waited, summed over the threads.
struct StageTimes {
  double busy_seconds = 0.0;
  double wait_seconds = 0.0;
};

/// The stages of a loader. The four after `render` are parts of it. `slot` only has waiting time: a
/// batch could be rendered but no slot is free. `consumer` is the caller of next().
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

/// Measures how the threads of a loader spend their time. Any thread.
class StageClocks {
 public:
  using Time = Trace::Time;

  /// Each span of work or waiting is also added to the trace, if there is one.
  explicit StageClocks(std::shared_ptr<Trace> trace);

  /// A thread of a stage, and its lane in the trace.
  struct Thread {
    LoaderStage stage = LoaderStage::plan;
    int lane = -1;
  };
  Thread thread(LoaderStage stage, const std::string& name);

  static Time now() { return std::chrono::steady_clock::now(); }
  /// The thread worked from `start` until now, on this batch of an epoch.
  void worked(const Thread& thread, Time start, std::int64_t batch);
  /// The thread waited from `start` until now. In the trace the span has the batch that the thread
  /// works on next; a wait that no work follows, because the loader stops, is not in the trace.
  void waited(const Thread& thread, Time start);
  /// The thread rendered from `start` until now. The time is divided in proportion to `split`.
  void rendered(const Thread& thread, Time start, std::int64_t batch,
                const image::RenderTimes& split);
  /// No slot is free for this batch, until end_slot_wait(). Repeated calls have no effect. One
  /// thread at a time.
  void begin_slot_wait(std::int64_t batch);
  void end_slot_wait();

  /// The times of each stage, by its name.
  std::map<std::string, StageTimes> times() const;

 private:
  static constexpr std::size_t stage_count = static_cast<std::size_t>(LoaderStage::consumer) + 1;
  struct Clock {
    std::atomic<std::int64_t> busy = 0;  // nanoseconds
    std::atomic<std::int64_t> wait = 0;
  };
  Clock& clock(LoaderStage stage) { return clocks_[static_cast<std::size_t>(stage)]; }
  struct Wait {
    int lane = -1;
    const char* name = "";
    Time start = {};
    Time end = {};
  };
  void work(const Thread& thread, Time start, Time end, std::int64_t batch);
  void trace_waits(int lane, std::int64_t batch);

  std::shared_ptr<Trace> trace_;
  std::array<Clock, stage_count> clocks_;
  Thread slots_ = {};
  std::optional<Time> slot_wait_start_ = {};
  std::int64_t batch_without_slot_ = 0;
  std::mutex mutex_;              // for waits_
  std::vector<Wait> waits_ = {};  // not in the trace yet: the batch is not known
};

}  // namespace pinfeed
