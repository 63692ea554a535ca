// SPDX-License-Identifier: Apache-2.0
// Source of the order of events: docs/specs/openmmlab-runtime.md, 2.1.
//
// One iteration:
//   1. next_input(): the feed gives the batch on the model's device; the time that this waits is
//      data_time.
//   2. step(): forward pass, sum of the losses, backward pass. With gradient accumulation, only
//   some
//      iterations clip the gradients, update the parameters and reset the gradients.
//   3. after_step(): counts the iteration, checks the loss, writes the log line, moves the
//   schedule,
//      sets the values of the next step in the optimizer, and saves a checkpoint if one is due.
//   4. A requested stop (SIGINT, SIGTERM, SIGHUP) is handled here, between iterations, where the
//   state that
//      a checkpoint stores is complete.
// end_epoch() and validate() follow the same order: schedule first, then checkpoint, so that a
// checkpoint always has the values that the next iteration uses. A checkpoint that is written
// before a validation says that it is due: it may change the schedule and the best score, so a
// resumed run does it again. This is why a resumed run equals an uninterrupted one to the bit.
#include "pinfeed/train/loop/trainer.h"

#include <fmt/format.h>

#include <cmath>

#include "pinfeed/core/clock.h"
#include "pinfeed/core/error.h"
#include "pinfeed/train/checkpoint/checkpoint_files.h"
#include "pinfeed/train/input/torch_device.h"
#include "pinfeed/train/loop/interrupt.h"
#include "pinfeed/train/loop/train_parts.h"
#include "pinfeed/train/loop/training_log.h"

namespace pinfeed {
namespace {

// The loss that is minimised: the sum of all scalars whose name contains "loss".
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
    : parts_(std::make_unique<TrainParts>(std::move(parts))), log_(&log) {
  if (parts_->feed->batches_per_epoch() < 1) throw Error(ErrorKind::bug, "a feed without batches");
  checkpoints_ = std::make_unique<CheckpointFiles>(
      parts_->hooks.checkpoint, log,
      [this](const std::string& path, bool weights_only) { save(path, weights_only); });
  training_log_ = std::make_unique<TrainingLog>(log, parts_->hooks, parts_->loop,
                                                parts_->feed->batches_per_epoch());
  accumulation_ = {.counts = parts_->accumulative_counts, .max_iters = max_iterations()};
  apply_schedule();
}

Trainer::~Trainer() = default;

std::int64_t Trainer::max_iterations() const { return training_log_->max_iterations(); }

void Trainer::apply_schedule() { parts_->optimizer.set(parts_->schedule.values()); }

void Trainer::run() {
  const InterruptWatch watch;
  parts_->model->train();
  training_log_->begin(progress_);
  step_start_ = clock_seconds();
  try {
    run_loop();
  } catch (const c10::Error& error) {
    if (const auto failure = device_failure(error)) throw device_error(*failure);
    throw;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::device) throw device_error(error);
    throw;
  }
}

void Trainer::run_loop() {
  if (progress_.validation_due) validate();
  if (parts_->loop.by_epoch) {
    run_epochs();
  } else {
    run_iterations();
  }
}

void Trainer::run_epochs() {
  const std::int64_t length = parts_->feed->batches_per_epoch();
  while (progress_.epoch < parts_->loop.max_epochs) {
    step_start_ = clock_seconds();
    while (!parts_->feed->endless() || progress_.batch < length) {
      const std::optional<ModelInput> input = next_input();
      if (!input) break;
      step(*input);
      after_step();
      if (progress_.batch < length) stop_if_requested();
    }
    end_epoch();
    const bool ended = progress_.epoch == parts_->loop.max_epochs && !progress_.validation_due;
    if (!ended) stop_if_requested();
    if (progress_.validation_due) validate();
  }
}

// The whole run counts as one epoch; the epochs of the loader only shuffle again.
void Trainer::run_iterations() {
  const TrainLoop& loop = parts_->loop;
  while (progress_.iteration < loop.max_iters) {
    const std::optional<ModelInput> input = next_input();
    if (!input) {
      ++progress_.epoch;
      progress_.batch = 0;
      continue;
    }
    step(*input);
    after_step();
    const bool ended = progress_.iteration == loop.max_iters && !progress_.validation_due;
    if (!ended) stop_if_requested();
    if (progress_.validation_due) validate();
  }
  parts_->schedule.after_epoch();
  checkpoints_->after_epoch(1, 1);
}

std::optional<ModelInput> Trainer::next_input() {
  std::optional<ModelInput> input = parts_->feed->next();
  if (input) training_log_->add_data_time(clock_seconds() - step_start_);
  return input;
}

void Trainer::step(const ModelInput& input) {
  const Losses losses = parts_->precision.losses(*parts_->model, input);
  const torch::Tensor total = sum_of_losses(losses);
  const std::int64_t divisor = accumulation_.divisor(progress_.iteration);
  parts_->precision.backward(divisor > 1 ? total / divisor : total);
  if (accumulation_.updates_after(progress_.iteration)) {
    const bool finite = parts_->precision.unscale(parts_->optimizer.params());
    if (parts_->clip_grad) {
      const auto norm = clip_gradients(*parts_->clip_grad, parts_->optimizer.params());
      if (norm) training_log_->add_gradient_norm(*norm);
    }
    if (finite) parts_->optimizer.step();
    parts_->optimizer.zero_grad();
  }
  training_log_->add_losses(total, losses);
}

void Trainer::after_step() {
  const double end = clock_seconds();
  training_log_->add_step_time(end - step_start_);
  step_start_ = end;
  ++progress_.iteration;
  ++progress_.batch;
  const TrainLoop& loop = parts_->loop;
  // A checkpoint of this moment is the state before the validation, which a resumed run repeats.
  progress_.validation_due = !loop.by_epoch && parts_->evaluator &&
                             loop.validates_after(progress_.iteration, loop.max_iters);
  const auto& invalid_loss = parts_->hooks.invalid_loss;
  if (invalid_loss && progress_.iteration % invalid_loss->interval == 0) check_loss();
  training_log_->after_step(progress_, parts_->schedule.values());
  training_log_->warn_of_invalid_loss(progress_);
  if (parts_->hooks.step_schedule) parts_->schedule.after_iteration();
  apply_schedule();
  checkpoints_->after_iteration(progress_.iteration, max_iterations());
}

void Trainer::check_loss() const {
  const double loss = training_log_->loss();
  if (std::isfinite(loss)) return;
  throw Error(ErrorKind::data,
              fmt::format("the loss is {} after iteration {}",
                          std::isnan(loss) ? std::fabs(loss) : loss, progress_.iteration))
      .help("lower the learning rate, or set clip_grad=dict(max_norm=...) in optim_wrapper");
}

void Trainer::end_epoch() {
  if (parts_->hooks.step_schedule) parts_->schedule.after_epoch();
  apply_schedule();
  ++progress_.epoch;
  progress_.batch = 0;
  progress_.validation_due =
      parts_->evaluator && parts_->loop.validates_after(progress_.epoch, parts_->loop.max_epochs);
  checkpoints_->after_epoch(progress_.epoch, parts_->loop.max_epochs);
}

void Trainer::validate() {
  parts_->model->eval();
  parts_->evaluator->begin();
  while (const auto done = parts_->evaluator->step(*parts_->model)) {
    training_log_->after_validation_step(progress_, *done);
    stop_if_requested();
  }
  const Validation result = parts_->evaluator->finish();
  parts_->model->train();
  progress_.validation_due = false;
  training_log_->after_validation(progress_, result);
  if (parts_->hooks.step_schedule) parts_->schedule.after_validation(result.metrics);
  apply_schedule();
  checkpoints_->after_validation(result.metrics, progress_.epoch, progress_.iteration);
  step_start_ = clock_seconds();
}

void Trainer::stop_if_requested() {
  if (InterruptWatch::requested()) stop();
}

void Trainer::stop() {
  const std::string path = checkpoints_->save_now(progress_.iteration);
  throw Error(ErrorKind::interrupted, fmt::format("stopped after iteration {} of {}; saved {}",
                                                  progress_.iteration, max_iterations(), path))
      .help("resume with: " + parts_->resume_command);
}

// The current weights were in the memory of the device; the newest checkpoint is what remains.
Error Trainer::device_error(const Error& failure) const {
  Error error(ErrorKind::device,
              fmt::format("the device failed after iteration {} of {}: {}", progress_.iteration,
                          max_iterations(), failure.text()));
  for (const ErrorContext& entry : failure.context()) error.with_context(entry);
  const std::optional<std::string> newest = last_checkpoint(log_->work_dir());
  const std::string advice = newest ? "resume from " + *newest + " with: "
                                    : "no checkpoint has been written; start again with: ";
  const std::string first = failure.advice().empty() ? "" : failure.advice() + "; ";
  error.help(first + advice + parts_->resume_command);
  return error;
}

}  // namespace pinfeed
