// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "pinfeed/core/clock.h"
#include "pinfeed/core/text.h"
#include "pinfeed/train/hooks/make_hooks.h"
#include "pinfeed/train/input/used_memory.h"
#include "pinfeed/train/logging/log_line.h"
#include "pinfeed/train/loop/runner.h"

namespace pinfeed {
namespace {

constexpr double interval = 0.2;  // seconds between two lines

class ProgressLine : public Hook {
 public:
  void after_train_iter(Runner& runner, const ModelInput& input,
                        const StepResult& result) override {
    if (!runner.training->show_progress || !is_time()) return;
    // Reading the loss from a CUDA device would wait for it.
    if (!input.images.is_cuda()) loss_ = fmt::format("  loss {:.4f}", result.loss.item<double>());
    runner.training->show_progress(
        position(runner) + remaining(runner) +
        fmt::format("  memory {} MiB", used_mib(runner.training->device())) + loss_);
  }

  void after_val_iter(Runner& runner, const ValidationStep& step) override {
    if (!runner.training->show_progress || !is_time()) return;
    runner.training->show_progress(fmt::format("validation {} of {}", step.batch, step.batches));
  }

 private:
  bool is_time() {
    const double now = clock_seconds();
    if (now - last_ < interval) return false;
    last_ = now;
    return true;
  }

  static std::string position(const Runner& runner) {
    const TrainLoop& loop = runner.training->loop;
    const Progress& now = runner.progress;
    if (!loop.by_epoch) return fmt::format("iteration {} of {}", now.iteration, loop.max_iters);
    return fmt::format("epoch {} of {}, {} of {}", now.epoch + 1, loop.max_epochs, now.batch,
                       runner.training->feed->batches_per_epoch());
  }

  static std::string remaining(const Runner& runner) {
    const MessageHub& hub = runner.message_hub;
    const auto done = static_cast<double>(runner.progress.iteration - hub.first_iteration);
    const auto left = static_cast<double>(runner.max_iterations() - runner.progress.iteration);
    return fmt::format("  eta {}  lr {:.4e}  data_time {:.4f}",
                       duration_text(hub.seconds / done * left), hub.rates.front().lr,
                       hub.times.smoothed("data_time"));
  }

  std::string loss_ = {};
  double last_ = 0.0;  // seconds of clock_seconds()
};

}  // namespace

std::unique_ptr<Hook> make_progress_line() { return std::make_unique<ProgressLine>(); }

}  // namespace pinfeed
