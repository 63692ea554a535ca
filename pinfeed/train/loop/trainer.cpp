// SPDX-License-Identifier: Apache-2.0
// Source of the order of events: docs/specs/openmmlab-runtime.md, 2.1.
//
// One iteration:
//   1. The feed gives the batch on the model's device; before_train_iter of the hooks.
//   2. step(): forward pass, sum of the losses, backward pass. With gradient accumulation, only
//      some iterations clip the gradients, update the parameters and reset the gradients.
//   3. The iteration is counted; after_train_iter of the hooks, which log the line, step the
//      schedule and set its values in the optimizer, save a checkpoint, and validate.
//   4. A requested stop (SIGINT, SIGTERM, SIGHUP) is handled between iterations, where the state
//      that a checkpoint stores is complete.
// The end of an epoch has the same order: schedule first, then checkpoint, so that a checkpoint
// always has the values that the next iteration uses; then validation. A checkpoint that is saved
// before a validation does not have its results: a run that resumes from it repeats it. This is why
// a resumed run equals an uninterrupted one to the bit.
#include "pinfeed/train/loop/trainer.h"

#include <fmt/format.h>

#include <filesystem>

#include "pinfeed/core/error.h"
#include "pinfeed/train/input/torch_device.h"
#include "pinfeed/train/loop/interrupt.h"

namespace pinfeed {
namespace {

std::optional<CheckpointHook> checkpoint_hook(const Hooks& hooks) {
  const CheckpointHook* hook = hooks.find<CheckpointHook>();
  return hook != nullptr ? std::optional(*hook) : std::nullopt;
}

}  // namespace

Trainer::Trainer(TrainParts parts, std::vector<std::shared_ptr<Hook>> hooks, RunLog& log)
    : parts_(std::make_unique<TrainParts>(std::move(parts))),
      runner_{.model = parts_->model,
              .log = &log,
              .message_hub = MessageHub(parts_->hooks.log),
              .scalar_writers = make_scalar_writers(parts_->vis_backends, log),
              .hooks = std::move(hooks),
              .training = parts_.get()},
      checkpoints_(checkpoint_hook(parts_->hooks), log,
                   [this](std::vector<CheckpointTarget> files, std::function<void()> after) {
                     if (saves()) writer_.save(checkpoint(), std::move(files), std::move(after));
                   }) {
  if (parts_->feed->batches_per_epoch() < 1) throw Error(ErrorKind::bug, "a feed without batches");
  runner_.checkpoints = &checkpoints_;
  runner_.save_start = [this](const std::string& path) { save_start(path); };
  runner_.stop_if_requested = [this] { stop_if_requested(); };
  accumulation_ = {.counts = parts_->accumulative_counts, .max_iters = runner_.max_iterations()};
  apply_schedule();
}

Trainer::~Trainer() = default;

void Trainer::apply_schedule() { parts_->optimizer.set(parts_->schedule.values()); }

void Trainer::run() {
  const InterruptWatch watch;
  parts_->model->train();
  try {
    run_loop();
  } catch (const c10::Error& error) {
    finish_saving();
    if (const auto failure = device_failure(error)) throw device_error(*failure);
    throw;
  } catch (const Error& error) {
    finish_saving();
    if (error.kind() == ErrorKind::device) throw device_error(error);
    if (parts_->group && parts_->group->failed()) throw lost_rank_error(error);
    throw;
  }
}

// The run has failed already: its error is the one to show.
void Trainer::finish_saving() {
  try {
    writer_.wait();
  } catch (const Error& error) {
    runner_.log->warning(error.text());
  }
}

void Trainer::show_images(const std::vector<std::string>& files) const {
  for (const auto& writer : runner_.scalar_writers) {
    for (const std::string& file : files)
      writer->add_image(std::filesystem::path(file).stem().string(), file,
                        runner_.progress.iteration);
  }
}

void Trainer::run_loop() {
  runner_.call(&Hook::before_run);
  runner_.message_hub.first_iteration = runner_.progress.iteration;
  runner_.call(&Hook::before_train);
  if (parts_->loop.by_epoch) {
    run_epochs();
  } else {
    run_iterations();
  }
  if (!runner_.stop_reason.empty()) runner_.log->info("the training ends: " + runner_.stop_reason);
  runner_.call(&Hook::after_train);
  writer_.wait();
  runner_.call(&Hook::after_run);
  if (parts_->group) parts_->group->finish();
}

void Trainer::run_epochs() {
  Progress& progress = runner_.progress;
  while (progress.epoch < parts_->loop.max_epochs && runner_.stop_reason.empty()) {
    runner_.call(&Hook::before_train_epoch);
    run_epoch();
    if (!runner_.stop_reason.empty() && progress.batch < parts_->feed->batches_per_epoch()) return;
    ++progress.epoch;
    progress.batch = 0;
    runner_.call(&Hook::after_train_epoch);
    if (progress.epoch < parts_->loop.max_epochs) stop_if_requested();
  }
}

void Trainer::run_epoch() {
  const std::int64_t length = parts_->feed->batches_per_epoch();
  while (!parts_->feed->endless() || runner_.progress.batch < length) {
    if (!iterate()) break;
    if (!runner_.stop_reason.empty()) return;
    if (runner_.progress.batch < length) stop_if_requested();
  }
}

// The whole run counts as one epoch; the epochs of the loader only shuffle again.
void Trainer::run_iterations() {
  Progress& progress = runner_.progress;
  runner_.call(&Hook::before_train_epoch);
  while (progress.iteration < parts_->loop.max_iters && runner_.stop_reason.empty()) {
    if (!iterate()) {
      ++progress.epoch;
      progress.batch = 0;
      continue;
    }
    if (progress.iteration < parts_->loop.max_iters) stop_if_requested();
  }
  runner_.call(&Hook::after_train_epoch);
}

bool Trainer::iterate() {
  const LoaderState position = parts_->feed->position();
  const std::optional<ModelInput> input = parts_->feed->next();
  if (!input) return false;
  runner_.keep_start = parts_->discard_on_stop || parts_->group != nullptr;
  runner_.call(&Hook::before_train_iter, *input);
  start_.reset();
  if (runner_.keep_start) start_.emplace(*parts_, position);
  const StepResult result = step(*input);
  start_.reset();
  ++runner_.progress.iteration;
  ++runner_.progress.batch;
  runner_.call(&Hook::after_train_iter, *input, result);
  writer_.check();
  return true;
}

StepResult Trainer::step(const ModelInput& input) {
  const std::int64_t iteration = runner_.progress.iteration;
  const bool updates = accumulation_.updates_after(iteration);
  if (parts_->reducer) parts_->reducer->before_forward(updates);
  StepResult result{.losses = parts_->precision.losses(*parts_->model, input)};
  result.loss = sum_of_losses(result.losses);
  discard_if_requested();
  runner_.call(&Hook::before_backward, input, result);
  const std::int64_t divisor = accumulation_.divisor(iteration);
  backward(divisor > 1 ? result.loss / divisor : result.loss, updates);
  discard_if_requested();
  if (updates) result.grad_norm = parts_->update();
  return result;
}

// A scaled gradient that is not finite on one rank is not finite in the mean, so that all ranks
// skip the same updates.
void Trainer::backward(const torch::Tensor& loss, bool updates) {
  if (!parts_->reducer) return parts_->precision.backward(loss);
  parts_->reducer->before_backward(loss, updates);
  parts_->group->run([&] { parts_->precision.backward(loss); });
}

bool Trainer::stop_requested() const {
  const bool own = InterruptWatch::requested();
  return parts_->group ? parts_->group->any(own) : own;
}

void Trainer::discard_if_requested() {
  if (!parts_->discard_on_stop || !stop_requested()) return;
  start_->restore(*parts_);
  stop_if_requested();
}

void Trainer::save_start(const std::string& path) {
  start_->restore(*parts_);
  writer_.save(checkpoint(), {{path, false}}, [] {});
  writer_.wait();
}

void Trainer::stop_if_requested() {
  if (!stop_requested()) return;
  const std::string path = checkpoints_.save_now(runner_.progress.iteration);
  writer_.wait();
  // A launcher ends all ranks when one has ended: none ends before the checkpoint is written.
  if (parts_->group) parts_->group->finish();
  throw Error(ErrorKind::interrupted,
              fmt::format("stopped after iteration {} of {}; saved {}", runner_.progress.iteration,
                          runner_.max_iterations(), path))
      .help("resume with: " + parts_->resume_command);
}

// Without the lost rank the iteration cannot end. A rank that has ended it before the loss was
// noticed, and one that has not, are both at a state that an uninterrupted run has.
Error Trainer::lost_rank_error(const Error& failure) {
  if (start_) start_->restore(*parts_);
  start_.reset();
  std::string saved;
  saves_for_others_ = parts_->group->is_first_left();
  if (saves_for_others_) {
    try {
      const std::string path = checkpoints_.save_now(runner_.progress.iteration);
      writer_.wait();
      saved = "; saved " + path;
    } catch (const Error& error) {
      runner_.log->warning("no checkpoint could be saved: " + error.text());
    }
  }
  return Error(ErrorKind::system,
               fmt::format("{}; stopped after iteration {} of {}{}", failure.text(),
                           runner_.progress.iteration, runner_.max_iterations(), saved))
      .help("start all ranks again, as torchrun's --max-restarts and SLURM's --requeue do, with: " +
            parts_->resume_command);
}

// The current weights were in the memory of the device; the newest checkpoint is what remains.
Error Trainer::device_error(const Error& failure) const {
  Error error(ErrorKind::device,
              fmt::format("the device failed after iteration {} of {}: {}",
                          runner_.progress.iteration, runner_.max_iterations(), failure.text()));
  for (const ErrorContext& entry : failure.context()) error.with_context(entry);
  const std::optional<std::string> newest = last_checkpoint(runner_.log->work_dir());
  const std::string advice = newest ? "resume from " + *newest + " with: "
                                    : "no checkpoint has been written; start again with: ";
  const std::string first = failure.advice().empty() ? "" : failure.advice() + "; ";
  error.help(first + advice + parts_->resume_command);
  return error;
}

}  // namespace pinfeed
