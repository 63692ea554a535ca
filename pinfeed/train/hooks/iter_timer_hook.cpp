// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/clock.h"
#include "pinfeed/schemas/loop_hooks.h"
#include "pinfeed/train/loop/runner.h"

namespace pinfeed {
namespace {

// An iteration begins where the one before it ended, so its time contains the wait for its data.
// Validations do not count.
class IterTimer : public Hook {
 public:
  void before_train(Runner&) override { start(); }
  void before_train_epoch(Runner&) override { start(); }
  void after_val(Runner&) override { start(); }

  void before_train_iter(Runner& runner, const ModelInput&) override {
    const double waited = clock_seconds() - start_;
    runner.message_hub.times.add("data_time", waited);
    runner.message_hub.waited += waited;
  }

  void after_train_iter(Runner& runner, const ModelInput&, const StepResult&) override {
    const double end = clock_seconds();
    runner.message_hub.times.add("time", end - start_);
    runner.message_hub.seconds += end - start_;
    start_ = end;
  }

 private:
  void start() { start_ = clock_seconds(); }

  double start_ = 0.0;  // seconds of clock_seconds()
};

}  // namespace

std::unique_ptr<Hook> make_hook(const IterTimerHook&) { return std::make_unique<IterTimer>(); }

}  // namespace pinfeed
