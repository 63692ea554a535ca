// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/loop_hooks.h"
#include "pinfeed/train/loop/runner.h"

namespace pinfeed {
namespace {

class ParamScheduler : public Hook {
 public:
  void after_train_iter(Runner& runner, const ModelInput&, const StepResult&) override {
    runner.training->schedule.after_iteration();
    apply(*runner.training);
  }

  void after_train_epoch(Runner& runner) override {
    runner.training->schedule.after_epoch();
    apply(*runner.training);
  }

  void after_val_epoch(Runner& runner, const Validation& result) override {
    runner.training->schedule.after_validation(result.metrics);
    apply(*runner.training);
  }

 private:
  // The next step uses the values.
  static void apply(TrainParts& parts) { parts.optimizer.set(parts.schedule.values()); }
};

}  // namespace

std::unique_ptr<Hook> make_hook(const ParamSchedulerHook&) {
  return std::make_unique<ParamScheduler>();
}

}  // namespace pinfeed
