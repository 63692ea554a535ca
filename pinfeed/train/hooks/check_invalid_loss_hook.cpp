// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "pinfeed/core/error.h"
#include "pinfeed/core/text.h"
#include "pinfeed/schemas/checkpoint_names.h"
#include "pinfeed/train/hooks/make_hooks.h"
#include "pinfeed/train/loop/runner.h"

namespace pinfeed {
namespace {

constexpr auto loss_advice =
    "lower the learning rate, or set clip_grad=dict(max_norm=...) in optim_wrapper";

// The smoothed loss if it is not finite.
std::optional<double> invalid_loss(const Runner& runner) {
  const double loss = runner.message_hub.scalars.smoothed("loss");
  if (std::isfinite(loss)) return std::nullopt;
  return without_nan_sign(loss);
}

// The command to resume, with the checkpoint behind its --resume.
std::string resumed_from(const std::string& path, std::string command) {
  const std::string option = "--resume";
  const std::size_t at = command.find(option);
  return at == std::string::npos
             ? command
             : command.insert(at + option.size(), fmt::format(" {}", shell_word(path)));
}

// Checks before the backward pass, where the weights are still those that gave the loss. On a CUDA
// device reading the loss waits for it, so it is read every so many iterations only.
class LossCheck : public Hook {
 public:
  explicit LossCheck(std::int64_t interval) : interval_(interval) {}

  void before_train_iter(Runner& runner, const ModelInput& input) override {
    due_ = !input.images.is_cuda() || (runner.progress.iteration + 1) % interval_ == 0;
    if (due_) runner.keep_start = true;
  }

  void before_backward(Runner& runner, const ModelInput&, const StepResult& result) override {
    if (!due_) return;
    const double loss = result.loss.item<double>();
    if (!std::isfinite(loss)) stop(runner, loss);
  }

 private:
  [[noreturn]] static void stop(Runner& runner, double loss) {
    const std::int64_t iteration = runner.progress.iteration + 1;
    const std::string path = fmt::format("{}/invalid_loss_iter_{}{}", runner.log->work_dir(),
                                         iteration, checkpoint_ending);
    runner.save_start(path);
    Feed& feed = *runner.training->feed;
    const LoaderState position = feed.position();
    const BatchIdentity batch = feed.identify_next();
    if (!batch.digest.empty()) {
      runner.log->warning(fmt::format("the batch with this loss is {} of epoch {}, digest {}: {}",
                                      position.batch, position.epoch, batch.digest,
                                      joined(batch.files)));
    }
    throw Error(ErrorKind::data,
                fmt::format("the loss is {} in iteration {}", without_nan_sign(loss), iteration))
        .with_context(BatchContext{position.batch, position.epoch})
        .help(fmt::format("{}; the state before this iteration is saved, and this repeats it: {}",
                          loss_advice, resumed_from(path, runner.training->resume_command)));
  }

  std::int64_t interval_;  // iterations
  bool due_ = false;
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
