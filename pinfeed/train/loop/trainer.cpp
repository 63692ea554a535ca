// SPDX-License-Identifier: Apache-2.0
// Source of the order of events: docs/specs/openmmlab-runtime.md, 2.1.
#include "pinfeed/train/loop/trainer.h"

#include <fmt/format.h>

#include <cmath>

#include "pinfeed/core/clock.h"
#include "pinfeed/core/error.h"
#include "pinfeed/train/input/torch_device.h"
#include "pinfeed/train/loop/interrupt.h"

namespace pinfeed {
namespace {

constexpr auto smoothed = ".*(loss|time|grad_norm).*";

// The loss that is minimised: all scalars called a loss.
torch::Tensor sum_of_losses(const Losses& losses) {
  torch::Tensor total;
  for (const auto& [name, value] : losses) {
    if (name.find("loss") == std::string::npos) continue;
    total = total.defined() ? total + value : value;
  }
  if (!total.defined()) throw Error(ErrorKind::bug, "the model gives no loss");
  return total;
}

}  // namespace

Trainer::Trainer(TrainParts parts, RunLog& log)
    : parts_(std::move(parts)),
      log_(&log),
      keeper_(parts_.hooks.checkpoint, log,
              [this](const std::string& path, bool weights_only) { save(path, weights_only); }),
      times_(static_cast<std::size_t>(parts_.hooks.log.window_size),
             parts_.hooks.log.mean_pattern.value_or(smoothed)),
      scalars_(static_cast<std::size_t>(parts_.hooks.log.window_size),
               parts_.hooks.log.mean_pattern.value_or(smoothed)) {
  if (parts_.feed.batches_per_epoch < 1) throw Error(ErrorKind::bug, "a feed without batches");
  accumulation_ = {.counts = parts_.accumulative_counts, .max_iters = max_iterations()};
  apply_schedule();
}

std::int64_t Trainer::max_iterations() const {
  const TrainLoop& loop = parts_.loop;
  return loop.by_epoch ? loop.max_epochs * parts_.feed.batches_per_epoch : loop.max_iters;
}

void Trainer::apply_schedule() { parts_.optimizer.set(parts_.schedule.values()); }

void Trainer::run() {
  const InterruptWatch watch;
  const auto stop = [&watch] { return watch.asked(); };
  parts_.model->train();
  first_iteration_ = progress_.iteration;
  mark_ = clock_seconds();
  try {
    run_loop(stop);
  } catch (const c10::Error& error) {
    if (const auto failure = device_failure(error)) throw without_device(*failure);
    throw;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::device) throw without_device(error);
    throw;
  }
}

void Trainer::run_loop(const std::function<bool()>& stop) {
  if (progress_.validation_due) validate(stop);
  if (parts_.loop.by_epoch) {
    run_epochs(stop);
  } else {
    run_iterations(stop);
  }
}

void Trainer::run_epochs(const std::function<bool()>& stop) {
  while (progress_.epoch < parts_.loop.max_epochs) {
    mark_ = clock_seconds();
    const std::int64_t length = parts_.feed.batches_per_epoch;
    while (!parts_.feed.endless || progress_.batch < length) {
      const std::optional<ModelInput> input = next_input();
      if (!input) break;
      step(*input);
      after_step();
      if (stop() && progress_.batch < length) stop_here();
    }
    end_epoch();
    const bool ended = progress_.epoch == parts_.loop.max_epochs && !progress_.validation_due;
    if (stop() && !ended) stop_here();
    if (progress_.validation_due) validate(stop);
  }
}

// The whole run counts as one epoch; the loader's epochs only reshuffle.
void Trainer::run_iterations(const std::function<bool()>& stop) {
  const TrainLoop& loop = parts_.loop;
  while (progress_.iteration < loop.max_iters) {
    const std::optional<ModelInput> input = next_input();
    if (!input) {
      ++progress_.epoch;
      progress_.batch = 0;
      continue;
    }
    step(*input);
    after_step();
    progress_.validation_due =
        parts_.validate && loop.validates_after(progress_.iteration, loop.max_iters);
    const bool ended = progress_.iteration == loop.max_iters && !progress_.validation_due;
    if (stop() && !ended) stop_here();
    if (progress_.validation_due) validate(stop);
  }
  parts_.schedule.after_epoch();
  keeper_.after_epoch(1, 1);
}

std::optional<ModelInput> Trainer::next_input() {
  std::optional<ModelInput> input = parts_.feed.next();
  if (input) times_.add("data_time", clock_seconds() - mark_);
  return input;
}

void Trainer::step(const ModelInput& input) {
  const Losses losses = parts_.model->losses(input);
  const torch::Tensor total = sum_of_losses(losses);
  const std::int64_t divisor = accumulation_.divisor(progress_.iteration);
  (divisor > 1 ? total / divisor : total).backward();
  if (accumulation_.updates_after(progress_.iteration)) {
    if (parts_.clip_grad) {
      const auto norm = clip_gradients(*parts_.clip_grad, parts_.optimizer.params());
      if (norm) scalars_.add("grad_norm", *norm);
    }
    parts_.optimizer.step();
    parts_.optimizer.zero_grad();
  }
  note_losses(total, losses);
}

void Trainer::note_losses(const torch::Tensor& total, const Losses& losses) {
  scalars_.add("loss", total);
  for (const auto& [name, value] : losses) {
    if (name != "loss") scalars_.add(name, value);
  }
}

void Trainer::after_step() {
  const double end = clock_seconds();
  times_.add("time", end - mark_);
  seconds_ += end - mark_;
  mark_ = end;
  used_ = parts_.schedule.values();
  ++progress_.iteration;
  ++progress_.batch;
  if (parts_.hooks.invalid_loss && progress_.iteration % parts_.hooks.invalid_loss->interval == 0) {
    check_losses();
  }
  log_step();
  if (parts_.hooks.step_schedule) parts_.schedule.after_iteration();
  apply_schedule();
  keeper_.after_iteration(progress_.iteration, max_iterations());
}

void Trainer::check_losses() const {
  const double loss = scalars_.shown("loss");
  if (std::isfinite(loss)) return;
  throw Error(ErrorKind::data,
              fmt::format("the loss is {} after iteration {}", loss, progress_.iteration))
      .help("lower the learning rate, or set clip_grad=dict(max_norm=...) in optim_wrapper");
}

void Trainer::log_step() {
  if (!parts_.hooks.logger) return;
  const LoggerHook& hook = *parts_.hooks.logger;
  const std::int64_t length = parts_.feed.batches_per_epoch;
  const std::int64_t done = parts_.loop.by_epoch ? progress_.batch : progress_.iteration;
  const bool epoch_ends = done % length == 0;
  if (progress_.iteration % hook.interval_exp_name == 0 || (epoch_ends && parts_.loop.by_epoch)) {
    log_->info("Exp name: " + log_->run());
  }
  const bool rest = epoch_ends && (!hook.ignore_last || length <= hook.interval);
  if (done % hook.interval != 0 && !rest) return;
  const LogLine line = step_line();
  log_->info(log_text(line));
  log_->scalars(log_json(line, progress_.iteration, progress_.iteration));
}

LogLine Trainer::step_line() const {
  const bool by_epoch = parts_.loop.by_epoch;
  LogLine line{
      .position = {.by_epoch = by_epoch && parts_.hooks.log.by_epoch,
                   .epoch = progress_.epoch + 1,
                   .max_epochs = parts_.loop.max_epochs,
                   .iteration = by_epoch ? progress_.batch : progress_.iteration,
                   .iterations = by_epoch ? parts_.feed.batches_per_epoch : parts_.loop.max_iters},
      .time = times_.shown("time"),
      .data_time = times_.shown("data_time"),
      .others = scalars_.shown(),
      .digits = static_cast<int>(parts_.hooks.log.num_digits)};
  if (!line.position.by_epoch) {
    line.position.iteration = progress_.iteration;
    line.position.iterations = max_iterations();
  }
  // The group behind the real ones holds the optimizer's own rate
  // (docs/specs/openmmlab-runtime.md, 2.4).
  if (used_.size() > 1) line.rates.emplace_back("base_lr", used_.back().lr);
  line.rates.emplace_back("lr", used_.front().lr);
  const auto here = static_cast<double>(progress_.iteration - first_iteration_);
  line.eta_seconds = seconds_ / here * static_cast<double>(max_iterations() - progress_.iteration);
  return line;
}

void Trainer::end_epoch() {
  if (parts_.hooks.step_schedule) parts_.schedule.after_epoch();
  apply_schedule();
  ++progress_.epoch;
  progress_.batch = 0;
  keeper_.after_epoch(progress_.epoch, parts_.loop.max_epochs);
  progress_.validation_due =
      parts_.validate && parts_.loop.validates_after(progress_.epoch, parts_.loop.max_epochs);
}

void Trainer::validate(const std::function<bool()>& stop) {
  parts_.model->eval();
  const auto result = parts_.validate([&](const ValidationStep& step) {
    const bool line = parts_.hooks.logger && step.batch % parts_.hooks.logger->interval == 0;
    if (line) log_->info(log_text(validation_line(step)));
    return !stop();
  });
  parts_.model->train();
  if (!result) stop_here();
  progress_.validation_due = false;
  log_validation(*result);
  if (parts_.hooks.step_schedule) parts_.schedule.after_validation(result->metrics);
  apply_schedule();
  keeper_.after_validation(result->metrics, progress_.epoch, progress_.iteration);
  mark_ = clock_seconds();
}

LogLine Trainer::validation_line(const ValidationStep& step) const {
  return {.position = {.mode = "val",
                       .by_epoch = parts_.loop.by_epoch && parts_.hooks.log.by_epoch,
                       .epoch = progress_.epoch,
                       .max_epochs = parts_.loop.max_epochs,
                       .iteration = step.batch,
                       .iterations = step.batches},
          .eta_seconds = step.time * static_cast<double>(step.batches - step.batch),
          .time = step.time,
          .data_time = step.data_time,
          .digits = static_cast<int>(parts_.hooks.log.num_digits)};
}

void Trainer::log_validation(const Validation& result) {
  LogLine line = validation_line(result.end);
  line.others = result.metrics;
  log_->info(metrics_text(line));
  const bool epochs =
      parts_.loop.by_epoch && (!parts_.hooks.logger || parts_.hooks.logger->log_metric_by_epoch);
  log_->scalars(metrics_json(line, epochs ? progress_.epoch : progress_.iteration));
}

void Trainer::stop_here() {
  const std::string path = keeper_.save_now(progress_.iteration);
  throw Error(ErrorKind::interrupted, fmt::format("stopped after iteration {} of {}; saved {}",
                                                  progress_.iteration, max_iterations(), path))
      .help("go on with: " + parts_.how_to_resume);
}

// The weights of this moment were on the device; the newest ones on disk are what is left.
Error Trainer::without_device(const Error& failure) const {
  Error error(ErrorKind::device,
              fmt::format("the device failed after iteration {} of {}: {}", progress_.iteration,
                          max_iterations(), failure.text()));
  for (const ErrorContext& entry : failure.context()) error.with_context(entry);
  const std::optional<std::string> newest = last_checkpoint(log_->work_dir());
  const std::string left = newest ? "go on from " + *newest + " with: "
                                  : "no checkpoint has been written; start again with: ";
  const std::string first = failure.advice().empty() ? "" : failure.advice() + "; ";
  error.help(first + left + parts_.how_to_resume);
  return error;
}

}  // namespace pinfeed
