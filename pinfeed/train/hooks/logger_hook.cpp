// SPDX-License-Identifier: Apache-2.0
// Source of the lines: docs/specs/openmmlab-runtime.md, 6, Logger and Log line.
#include "pinfeed/schemas/hook_schemas.h"
#include "pinfeed/train/input/used_memory.h"
#include "pinfeed/train/logging/log_line.h"
#include "pinfeed/train/loop/runner.h"
#include "pinfeed/train/loop/scalars_of_ranks.h"

namespace pinfeed {
namespace {

class Logging : public Hook {
 public:
  explicit Logging(const LoggerHook& params) : params_(params) {}

  void before_train(Runner& runner) override {
    const Value* config = runner.training->metadata.find("cfg");
    if (config == nullptr) return;
    for (const auto& writer : runner.scalar_writers)
      writer->add_text("config", "```python\n" + config->string() + "```\n");
  }

  void after_train_iter(Runner& runner, const ModelInput&, const StepResult&) override {
    const Progress& now = runner.progress;
    const bool by_epoch = runner.training->loop.by_epoch;
    const bool epoch_ends = position(runner) % length(runner) == 0;
    if (now.iteration % params_.interval_exp_name == 0 || (epoch_ends && by_epoch))
      runner.log->info("Exp name: " + runner.log->run());
    if (!is_due(runner, epoch_ends)) return;
    LogLine line = step_line(runner);
    ProcessGroup* group = runner.training->group.get();
    if (group != nullptr) line.others = mean_over_ranks(*group, line.others);
    runner.log->info(log_text(line));
    runner.log->scalars(log_json(line, now.iteration, now.iteration));
    runner.write_scalars(line, now.iteration);
  }

  void after_val_iter(Runner& runner, const ValidationStep& step) override {
    if (step.batch % params_.interval == 0)
      runner.log->info(log_text(evaluation_line(runner, "val", step)));
  }

  void after_val_epoch(Runner& runner, const Validation& result) override {
    LogLine line = evaluation_line(runner, "val", result.last_step);
    line.others = result.metrics;
    runner.log->info(metrics_text(line));
    const bool epochs = runner.training->loop.by_epoch && params_.log_metric_by_epoch;
    const std::int64_t step = epochs ? runner.progress.epoch : runner.progress.iteration;
    runner.log->scalars(metrics_json(line, step));
    runner.write_scalars(line, step);
  }

  void after_test_iter(Runner& runner, const ValidationStep& step) override {
    if (step.batch % params_.interval == 0)
      runner.log->info(log_text(evaluation_line(runner, "test", step)));
  }

  void after_test_epoch(Runner& runner, const Validation& result) override {
    LogLine line = evaluation_line(runner, "test", result.last_step);
    line.others = result.metrics;
    runner.log->info(metrics_text(line));
    runner.log->scalars(metrics_json(line, runner.progress.iteration));
  }

 private:
  static std::int64_t length(const Runner& runner) {
    return runner.training->feed->batches_per_epoch();
  }
  // In the epoch, or in an iteration loop in the run.
  static std::int64_t position(const Runner& runner) {
    return runner.training->loop.by_epoch ? runner.progress.batch : runner.progress.iteration;
  }

  bool is_due(const Runner& runner, bool epoch_ends) const {
    if (position(runner) % params_.interval == 0) return true;
    return epoch_ends && (!params_.ignore_last || length(runner) <= params_.interval);
  }

  static LogLine step_line(const Runner& runner) {
    const TrainLoop& loop = runner.training->loop;
    const MessageHub& hub = runner.message_hub;
    const Progress& now = runner.progress;
    const bool by_epoch = loop.by_epoch && hub.format.by_epoch;
    LogLine line{.position = {.by_epoch = by_epoch,
                              .epoch = now.epoch + 1,
                              .max_epochs = loop.max_epochs,
                              .iteration = by_epoch ? now.batch : now.iteration,
                              .iterations = by_epoch ? length(runner) : runner.max_iterations()},
                 .time = hub.times.smoothed("time"),
                 .data_time = hub.times.smoothed("data_time"),
                 .memory_mib = device_peak_mib(runner.training->device()),
                 .others = hub.scalars.smoothed(),
                 .digits = static_cast<int>(hub.format.num_digits)};
    // The last of several groups is the base group, which has the optimizer's own rate
    // (docs/specs/openmmlab-runtime.md, 2.4).
    if (hub.rates.size() > 1) line.rates.emplace_back("base_lr", hub.rates.back().lr);
    line.rates.emplace_back("lr", hub.rates.front().lr);
    const auto steps = static_cast<double>(now.iteration - hub.first_iteration);
    line.eta_seconds =
        hub.seconds / steps * static_cast<double>(runner.max_iterations() - now.iteration);
    return line;
  }

  static LogLine evaluation_line(const Runner& runner, const char* mode,
                                 const ValidationStep& step) {
    const TrainParts* training = runner.training;
    const bool by_epoch = training == nullptr || training->loop.by_epoch;
    return {.position = {.mode = mode,
                         .by_epoch = by_epoch && runner.message_hub.format.by_epoch,
                         .epoch = runner.progress.epoch,
                         .max_epochs = training != nullptr ? training->loop.max_epochs : 0,
                         .iteration = step.batch,
                         .iterations = step.batches},
            .eta_seconds = step.time * static_cast<double>(step.batches - step.batch),
            .time = step.time,
            .data_time = step.data_time,
            .digits = static_cast<int>(runner.message_hub.format.num_digits)};
  }

  LoggerHook params_;
};

}  // namespace

std::unique_ptr<Hook> make_hook(const LoggerHook& params) {
  return std::make_unique<Logging>(params);
}

}  // namespace pinfeed
