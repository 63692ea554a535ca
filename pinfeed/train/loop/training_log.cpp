// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/loop/training_log.h"

#include <cmath>

#include <fmt/format.h>

#include "pinfeed/core/text.h"

namespace pinfeed {
namespace {

constexpr std::int64_t invalid_loss_interval = 50;  // iterations; that of CheckInvalidLossHook
constexpr auto smoothed_names = ".*(loss|time|grad_norm).*";

Smoothing smoothing_of(const LogProcessor& format) {
  return {static_cast<std::size_t>(format.window_size),
          format.mean_pattern.value_or(smoothed_names)};
}

}  // namespace

TrainingLog::TrainingLog(RunLog& log, const Hooks& hooks, const TrainLoop& loop,
                         std::int64_t batches_per_epoch)
    : log_(&log),
      hook_(hooks.logger),
      format_(hooks.log),
      loop_(loop),
      batches_per_epoch_(batches_per_epoch),
      times_(smoothing_of(format_)),
      scalars_(smoothing_of(format_)) {}

std::int64_t TrainingLog::max_iterations() const {
  return loop_.by_epoch ? loop_.max_epochs * batches_per_epoch_ : loop_.max_iters;
}

void TrainingLog::add_step_time(double seconds) {
  times_.add("time", seconds);
  seconds_ += seconds;
}

void TrainingLog::add_losses(const torch::Tensor& total, const Losses& losses) {
  scalars_.add("loss", total);
  for (const auto& [name, value] : losses) {
    if (name != "loss") scalars_.add(name, value);
  }
}

void TrainingLog::warn_of_invalid_loss(const Progress& progress) {
  if (warned_of_loss_) return;
  const bool epoch_ends = progress.batch % batches_per_epoch_ == 0;
  const bool due = hook_ && step_line_due(progress, epoch_ends);
  const bool last = progress.iteration == max_iterations();
  if (!due && !last && !epoch_ends && progress.iteration % invalid_loss_interval != 0) return;
  const double total = loss();
  if (std::isfinite(total)) return;
  warned_of_loss_ = true;
  log_->warning(fmt::format(
      "the loss is {} after iteration {}: lower the learning rate, or set "
      "clip_grad=dict(max_norm=...) in optim_wrapper; CheckInvalidLossHook stops such a run",
      without_nan_sign(total), progress.iteration));
}

void TrainingLog::after_step(const Progress& progress, std::span<const GroupValues> values) {
  if (!hook_) return;
  const std::int64_t done = loop_.by_epoch ? progress.batch : progress.iteration;
  const bool epoch_ends = done % batches_per_epoch_ == 0;
  if (progress.iteration % hook_->interval_exp_name == 0 || (epoch_ends && loop_.by_epoch)) {
    log_->info("Exp name: " + log_->run());
  }
  if (!step_line_due(progress, epoch_ends)) return;
  const LogLine line = step_line(progress, values);
  log_->info(log_text(line));
  log_->scalars(log_json(line, progress.iteration, progress.iteration));
}

bool TrainingLog::step_line_due(const Progress& progress, bool epoch_ends) const {
  const std::int64_t done = loop_.by_epoch ? progress.batch : progress.iteration;
  if (done % hook_->interval == 0) return true;
  return epoch_ends && (!hook_->ignore_last || batches_per_epoch_ <= hook_->interval);
}

LogLine TrainingLog::step_line(const Progress& progress,
                               std::span<const GroupValues> values) const {
  const bool by_epoch = loop_.by_epoch;
  LogLine line{.position = {.by_epoch = by_epoch && format_.by_epoch,
                            .epoch = progress.epoch + 1,
                            .max_epochs = loop_.max_epochs,
                            .iteration = by_epoch ? progress.batch : progress.iteration,
                            .iterations = by_epoch ? batches_per_epoch_ : loop_.max_iters},
               .time = times_.smoothed("time"),
               .data_time = times_.smoothed("data_time"),
               .others = scalars_.smoothed(),
               .digits = static_cast<int>(format_.num_digits)};
  if (!line.position.by_epoch) {
    line.position.iteration = progress.iteration;
    line.position.iterations = max_iterations();
  }
  // The last of several groups is the base group, which has the optimizer's own rate
  // (docs/specs/openmmlab-runtime.md, 2.4).
  if (values.size() > 1) line.rates.emplace_back("base_lr", values.back().lr);
  line.rates.emplace_back("lr", values.front().lr);
  const auto steps = static_cast<double>(progress.iteration - first_iteration_);
  line.eta_seconds = seconds_ / steps * static_cast<double>(max_iterations() - progress.iteration);
  return line;
}

void TrainingLog::after_validation_step(const Progress& progress, const ValidationStep& step) {
  if (!hook_ || step.batch % hook_->interval != 0) return;
  log_->info(log_text(validation_line(progress, step)));
}

LogLine TrainingLog::validation_line(const Progress& progress, const ValidationStep& step) const {
  return {.position = {.mode = "val",
                       .by_epoch = loop_.by_epoch && format_.by_epoch,
                       .epoch = progress.epoch,
                       .max_epochs = loop_.max_epochs,
                       .iteration = step.batch,
                       .iterations = step.batches},
          .eta_seconds = step.time * static_cast<double>(step.batches - step.batch),
          .time = step.time,
          .data_time = step.data_time,
          .digits = static_cast<int>(format_.num_digits)};
}

void TrainingLog::after_validation(const Progress& progress, const Validation& result) {
  LogLine line = validation_line(progress, result.last_step);
  line.others = result.metrics;
  log_->info(metrics_text(line));
  const bool epochs = loop_.by_epoch && (!hook_ || hook_->log_metric_by_epoch);
  log_->scalars(metrics_json(line, epochs ? progress.epoch : progress.iteration));
}

}  // namespace pinfeed
