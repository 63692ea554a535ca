// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pinfeed/train/checkpoint/checkpoint_files.h"
#include "pinfeed/train/checkpoint/checkpoint_writer.h"
#include "pinfeed/train/loop/iteration_start.h"
#include "pinfeed/train/loop/runner.h"
#include "pinfeed/train/optim/accumulation.h"

namespace pinfeed {

class Error;

/// The training loop (docs/specs/openmmlab-runtime.md, 2.1 and 6). One thread.
class Trainer {
 public:
  /// `hooks` are called in this order.
  Trainer(TrainParts parts, std::vector<std::shared_ptr<Hook>> hooks, RunLog& log);
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;
  ~Trainer();

  /// Continues from a checkpoint, to the bit, also in the middle of an epoch. The options of the
  /// optimizer and the schedule are those of the checkpoint, as in mmengine; a warning names what
  /// the config sets otherwise. Throws Error(data) when the checkpoint belongs to another run.
  void resume(const std::string& path);
  /// The same for a checkpoint that was read from `path`.
  void resume(const Checkpoint& checkpoint, const std::string& path);
  /// Trains to the end. After SIGINT, SIGTERM or SIGHUP it finishes the iteration, or discards it
  /// with TrainParts::discard_on_stop, saves a checkpoint, and throws Error(interrupted) with the
  /// command to resume; with several ranks all of them stop after the same iteration. When a rank
  /// is lost, the lowest one that is left discards the iteration and saves a checkpoint; all throw
  /// Error(system) that names the lost one. When the device fails, its memory is
  /// lost: throws Error(device) with the newest checkpoint and the command to resume from it.
  void run();

  /// Adds image files to the places of vis_backends that take them.
  void show_images(const std::vector<std::string>& files) const;

  const Progress& progress() const { return runner_.progress; }
  const TrainParts& parts() const { return *parts_; }
  const MessageHub& message_hub() const { return runner_.message_hub; }

 private:
  void run_loop();
  void run_epochs();
  void run_epoch();
  void run_iterations();
  /// Trains with the next batch. False at the end of an epoch of the feed.
  bool iterate();
  StepResult step(const ModelInput& input);
  void backward(const torch::Tensor& loss, bool updates);
  /// Whether a signal has arrived, on any rank.
  bool stop_requested() const;
  /// Saves a checkpoint and throws Error(interrupted) if a signal has arrived.
  void stop_if_requested();
  /// The same in an iteration that is discarded then, with TrainParts::discard_on_stop.
  void discard_if_requested();
  void save_start(const std::string& path);
  void finish_saving();
  Error device_error(const Error& failure) const;
  /// After the loss of a rank: saves what is complete, and says it.
  Error lost_rank_error(const Error& failure);
  bool saves() const { return parts_->writes_files() || saves_for_others_; }
  Checkpoint checkpoint();
  void load_optimizer(const Checkpoint& checkpoint, const std::string& path);
  void load_schedule(const Value& state, const std::string& path);
  void load_random(const Checkpoint& checkpoint);
  void load_hooks(const Checkpoint& checkpoint, const std::string& path);
  Dict state() const;
  void apply_schedule();

  std::unique_ptr<TrainParts> parts_;
  Runner runner_;
  CheckpointWriter writer_;
  CheckpointFiles checkpoints_;
  Accumulation accumulation_;
  std::optional<IterationStart> start_ = {};  // of the running iteration, where it is needed
  bool saves_for_others_ = false;             // rank 0 is lost
};

}  // namespace pinfeed
