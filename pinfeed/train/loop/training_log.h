// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <span>

#include "pinfeed/models/model.h"
#include "pinfeed/schedule/schedule.h"
#include "pinfeed/schedule/train_loop.h"
#include "pinfeed/schemas/hook_schemas.h"
#include "pinfeed/train/logging/run_log.h"
#include "pinfeed/train/logging/smoothing.h"
#include "pinfeed/train/loop/progress.h"
#include "pinfeed/train/loop/validation.h"

namespace pinfeed {

/// Collects the times and losses of the steps and writes the log lines of steps and validations
/// when they are due (docs/specs/openmmlab-runtime.md, 6).
class TrainingLog {
 public:
  TrainingLog(RunLog& log, const Hooks& hooks, const TrainLoop& loop,
              std::int64_t batches_per_epoch);

  /// Of the whole run.
  std::int64_t max_iterations() const;

  /// Begins to measure the speed of this process, for the remaining time.
  void begin(const Progress& progress) { first_iteration_ = progress.iteration; }
  void add_data_time(double seconds) { times_.add("data_time", seconds); }
  void add_step_time(double seconds);
  void add_gradient_norm(const torch::Tensor& norm) { scalars_.add("grad_norm", norm); }
  void add_losses(const torch::Tensor& total, const Losses& losses);
  /// Warns once when the total loss is not finite. Reading it waits for the device, so it is looked
  /// at when its line is due, and every `invalid_loss_interval` iterations.
  void warn_of_invalid_loss(const Progress& progress);
  /// The smoothed total loss.
  double loss() const { return scalars_.smoothed("loss"); }

  /// `values`: of the groups, as the step used them.
  void after_step(const Progress& progress, std::span<const GroupValues> values);
  void after_validation_step(const Progress& progress, const ValidationStep& step);
  void after_validation(const Progress& progress, const Validation& result);

 private:
  bool step_line_due(const Progress& progress, bool epoch_ends) const;
  LogLine step_line(const Progress& progress, std::span<const GroupValues> values) const;
  LogLine validation_line(const Progress& progress, const ValidationStep& step) const;

  RunLog* log_;
  std::optional<LoggerHook> hook_;
  LogProcessor format_;
  TrainLoop loop_;
  std::int64_t batches_per_epoch_;
  Smoothing times_;
  Smoothing scalars_;
  std::int64_t first_iteration_ = 0;  // of this process
  double seconds_ = 0.0;              // of all steps of this process
  bool warned_of_loss_ = false;
};

}  // namespace pinfeed
