// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace pinfeed::image {

/// What rendering spends its time on: decoding; resizing and warping; arithmetic on pixel values;
/// copies, flips and fills.
enum class RenderStage : std::uint8_t { decode, resample, colour, write };

/// Nanoseconds of each stage, in the order of RenderStage.
using RenderTimes = std::array<std::int64_t, 4>;

/// Measures how long one thread spends in each stage of an image. Off until measure(true), because
/// it reads the clock, `Now`, twice per row.
template <class Now>
class BasicRenderClock {
 public:
  void measure(bool on) { on_ = on; }
  /// Of the last image that was measured.
  const RenderTimes& times() const { return times_; }

  /// Counts the time of its scope as the stage's, except for parts inside it.
  class Part {
   public:
    Part(BasicRenderClock& clock, RenderStage stage) : clock_(clock), before_(clock.stage_) {
      clock_.enter(stage);
    }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part() { clock_.enter(before_); }

   private:
    BasicRenderClock& clock_;
    RenderStage before_;
  };

  /// Starts an image, in this stage.
  void begin(RenderStage stage) {
    stage_ = stage;
    if (!on_) return;
    times_ = {};
    since_ = Now::now();
  }
  void end() { enter(stage_); }

 private:
  void enter(RenderStage stage) {
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
