// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/hooks/make_hooks.h"
#include "pinfeed/train/loop/evaluation.h"
#include "pinfeed/train/loop/runner.h"

namespace pinfeed {
namespace {

// The state says which iteration has been validated. A checkpoint is saved before the validation of
// its iteration, or while it runs; a run that resumes from it finds that the validation is due.
class Validating : public Hook {
 public:
  void before_train(Runner& runner) override { validate_if_due(runner); }

  void after_train_iter(Runner& runner, const ModelInput&, const StepResult&) override {
    if (!runner.training->loop.by_epoch) validate_if_due(runner);
  }

  void after_train_epoch(Runner& runner) override {
    if (runner.training->loop.by_epoch) validate_if_due(runner);
  }

  std::string state_name() const override { return "validation"; }
  Dict state() const override {
    Dict state;
    state.set("iteration", validated_);
    return state;
  }
  void load(const Value& state) override {
    validated_ = value_in<std::int64_t>(state, "iteration");
  }

 private:
  bool is_due(const Runner& runner) const {
    const Progress& now = runner.progress;
    const TrainLoop& loop = runner.training->loop;
    if (runner.training->evaluator == nullptr || validated_ == now.iteration) return false;
    if (!loop.by_epoch)
      return now.iteration > 0 && loop.validates_after(now.iteration, loop.max_iters);
    return now.epoch > 0 && now.batch == 0 && loop.validates_after(now.epoch, loop.max_epochs);
  }

  void validate_if_due(Runner& runner) {
    if (!is_due(runner)) return;
    runner.stop_if_requested();
    runner.call(&Hook::before_val);
    runner.model->eval();
    runner.call(&Hook::before_val_epoch);
    if (runner.training->reducer) runner.training->reducer->share_buffers();
    const Validation result = evaluate(runner, *runner.training->evaluator, &Hook::before_val_iter,
                                       &Hook::after_val_iter);
    validated_ = runner.progress.iteration;
    runner.call(&Hook::after_val_epoch, result);
    runner.model->train();
    runner.call(&Hook::after_val);
  }

  std::int64_t validated_ = 0;  // iterations that were done at the newest validation
};

}  // namespace

std::unique_ptr<Hook> make_validation() { return std::make_unique<Validating>(); }

}  // namespace pinfeed
