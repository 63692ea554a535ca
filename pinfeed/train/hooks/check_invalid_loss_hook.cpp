// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "pinfeed/core/error.h"
#include "pinfeed/train/hooks/make_hooks.h"
#include "pinfeed/train/loop/runner.h"

namespace pinfeed {
namespace {

constexpr auto loss_advice =
    "lower the learning rate, or set clip_grad=dict(max_norm=...) in optim_wrapper";

// The smoothed loss if it is not finite. The sign of NaN depends on the machine: without it.
std::optional<double> invalid_loss(const Runner& runner) {
  const double loss = runner.message_hub.scalars.smoothed("loss");
  if (std::isfinite(loss)) return std::nullopt;
  return std::isnan(loss) ? std::fabs(loss) : loss;
}

// Reading the loss waits for the device, so it is not read after each iteration.
class LossCheck : public Hook {
 public:
  explicit LossCheck(std::int64_t interval) : interval_(interval) {}

  void after_train_iter(Runner& runner, const ModelInput&, const StepResult&) override {
    if (runner.progress.iteration % interval_ != 0) return;
    const auto loss = invalid_loss(runner);
    if (!loss) return;
    throw Error(ErrorKind::data,
                fmt::format("the loss is {} after iteration {}", *loss, runner.progress.iteration))
        .help(loss_advice);
  }

 private:
  std::int64_t interval_;  // iterations
};

class LossWarning : public Hook {
 public:
  void after_train_iter(Runner& runner, const ModelInput&, const StepResult&) override {
    const Progress& now = runner.progress;
    const bool epoch_ends = now.batch % runner.training->feed->batches_per_epoch() == 0;
    const bool last = now.iteration == runner.max_iterations();
    if (warned_ || (now.iteration % interval_ != 0 && !epoch_ends && !last)) return;
    const auto loss = invalid_loss(runner);
    if (!loss) return;
    warned_ = true;
    runner.log->warning(
        fmt::format("the loss is {} after iteration {}: {}; CheckInvalidLossHook stops such a run",
                    *loss, now.iteration, loss_advice));
  }

 private:
  static constexpr std::int64_t interval_ = 50;  // iterations; that of CheckInvalidLossHook
  bool warned_ = false;
};

}  // namespace

std::unique_ptr<Hook> make_hook(const CheckInvalidLossHook& params) {
  return std::make_unique<LossCheck>(params.interval);
}

std::unique_ptr<Hook> make_loss_warning() { return std::make_unique<LossWarning>(); }

}  // namespace pinfeed
