// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/hook_schemas.h"
#include "pinfeed/train/loop/runner.h"

namespace pinfeed {
namespace {

// The rules are in CheckpointFiles, which also saves when the run is stopped.
class Checkpointing : public Hook {
 public:
  void after_train_iter(Runner& runner, const ModelInput&, const StepResult&) override {
    runner.checkpoints->after_iteration(runner.progress.iteration, runner.max_iterations());
  }

  // The whole run is one epoch of an iteration loop.
  void after_train_epoch(Runner& runner) override {
    const TrainLoop& loop = runner.training->loop;
    if (loop.by_epoch) {
      runner.checkpoints->after_epoch(runner.progress.epoch, loop.max_epochs);
    } else {
      runner.checkpoints->after_epoch(1, 1);
    }
  }

  void after_val_epoch(Runner&, const Validation& result) override { metrics_ = result.metrics; }

  // Later than after_val_epoch, so that the checkpoint has what all hooks made of the metrics.
  void after_val(Runner& runner) override {
    const Progress& progress = runner.progress;
    runner.checkpoints->after_validation(metrics_, progress.epoch, progress.iteration);
  }

  void after_train(Runner& runner) override {
    Progress progress = runner.progress;
    if (!runner.training->loop.by_epoch) progress = {.epoch = 1, .iteration = progress.iteration};
    runner.checkpoints->after_training(progress, !runner.stop_reason.empty());
  }

  // The files are written by now. A test has none.
  void after_run(Runner& runner) override {
    if (runner.checkpoints != nullptr)
      if (runner.training->writes_files()) runner.checkpoints->publish();
  }

 private:
  Scalars metrics_ = {};  // of the newest validation
};

}  // namespace

std::unique_ptr<Hook> make_hook(const CheckpointHook&) { return std::make_unique<Checkpointing>(); }

}  // namespace pinfeed
