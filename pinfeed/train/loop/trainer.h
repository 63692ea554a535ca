// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pinfeed/train/loop/progress.h"
#include "pinfeed/train/optim/accumulation.h"

namespace pinfeed {

class CheckpointFiles;
class Dict;
class Value;
class Error;
class RunLog;
class TrainingLog;
struct Checkpoint;
struct ModelInput;
struct TrainParts;

/// The training loop (docs/specs/openmmlab-runtime.md, 2.1 and 6). One thread.
class Trainer {
 public:
  Trainer(TrainParts parts, RunLog& log);
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;
  ~Trainer();

  /// Continues from a checkpoint, to the bit, also in the middle of an epoch. The options of the
  /// optimizer and the schedule are those of the checkpoint, as in mmengine; a warning names what
  /// the config sets otherwise. Throws Error(data) when the checkpoint belongs to another run.
  void resume(const std::string& path);
  /// The same for a checkpoint that was read from `path`.
  void resume(const Checkpoint& checkpoint, const std::string& path);
  /// Trains to the end. After SIGINT, SIGTERM or SIGHUP it finishes the step, saves a checkpoint,
  /// and throws Error(interrupted) with the command to resume. When the device fails, its memory is
  /// lost: throws Error(device) with the newest checkpoint and the command to resume from it.
  void run();

  const Progress& progress() const { return progress_; }
  const TrainParts& parts() const { return *parts_; }

 private:
  void run_loop();
  void run_epochs();
  void run_iterations();
  std::optional<ModelInput> next_input();
  void step(const ModelInput& input);
  void after_step();
  void check_loss() const;
  void end_epoch();
  void validate();
  /// Saves a checkpoint and throws Error(interrupted) if a signal has arrived.
  void stop_if_requested();
  [[noreturn]] void stop();
  Error device_error(const Error& failure) const;
  void save(const std::string& path, bool weights_only) const;
  void load_optimizer(const Checkpoint& checkpoint, const std::string& path);
  void load_schedule(const Value& state, const std::string& path);
  void load_random(const Checkpoint& checkpoint);
  Dict state() const;
  std::int64_t max_iterations() const;
  void apply_schedule();

  std::unique_ptr<TrainParts> parts_;
  RunLog* log_;
  std::unique_ptr<CheckpointFiles> checkpoints_;
  std::unique_ptr<TrainingLog> training_log_;
  Accumulation accumulation_;
  Progress progress_;
  double step_start_ = 0.0;  // seconds of clock_seconds()
};

}  // namespace pinfeed
