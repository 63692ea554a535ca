// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace pinfeed::image {

/// What rendering spends its time on: rows out of a file; resizing and warping; arithmetic on the
/// values; copies, flips and fills.
enum class RenderStage : std::uint8_t { decode, resample, colour, write };

/// Nanoseconds of each stage, in the order of RenderStage.
using RenderTimes = std::array<std::int64_t, 4>;

/// The time of each stage of one image at a time, of one thread. Off until measure(true): it
/// looks at the clock, `Now`, twice for each row.
template <class Now>
class BasicRenderClock {
 public:
  void measure(bool on) { on_ = on; }
  /// Of the last image that was measured.
  const RenderTimes& times() const { return times_; }

  /// Everything until its end belongs to the stage, but for stages inside of it.
  class Part {
   public:
    Part(BasicRenderClock& clock, RenderStage stage) : clock_(clock), before_(clock.stage_) {
      clock_.go(stage);
    }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part() { clock_.go(before_); }

   private:
    BasicRenderClock& clock_;
    RenderStage before_;
  };

  /// An image begins.
  void begin(RenderStage stage) {
    stage_ = stage;
    if (!on_) return;
    times_ = {};
    since_ = Now::now();
  }
  void end() { go(stage_); }

 private:
  void go(RenderStage stage) {
    if (on_) {
      const typename Now::time_point now = Now::now();
      times_[static_cast<std::size_t>(stage_)] +=
          std::chrono::duration_cast<std::chrono::nanoseconds>(now - since_).count();
      since_ = now;
    }
    stage_ = stage;
  }

  bool on_ = false;
  RenderStage stage_ = RenderStage::write;
  typename Now::time_point since_ = {};
  RenderTimes times_ = {};
};

using RenderClock = BasicRenderClock<std::chrono::steady_clock>;

}  // namespace pinfeed::image
