// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "pinfeed/models/model.h"
#include "pinfeed/schedule/schedule.h"
#include "pinfeed/schedule/train_loop.h"
#include "pinfeed/schemas/hook_schemas.h"
#include "pinfeed/train/checkpoint/checkpoint.h"
#include "pinfeed/train/checkpoint/checkpoint_keeper.h"
#include "pinfeed/train/input/feed.h"
#include "pinfeed/train/logging/run_log.h"
#include "pinfeed/train/logging/smoothing.h"
#include "pinfeed/train/optim/optimizer.h"

namespace pinfeed {

/// How far a run is: what has been completed.
struct Progress {
  std::int64_t epoch = 0;
  std::int64_t iteration = 0;  // in all
  std::int64_t batch = 0;      // of the epoch under way
  bool validation_due = false;
};

/// Where a validation stands.
struct ValidationStep {
  std::int64_t batch = 0;  // done, from 1
  std::int64_t batches = 0;
  double time = 0.0;       // of a batch, on average
  double data_time = 0.0;  // of it, waiting for data
};

/// What a validation gives.
struct Validation {
  Scalars metrics = {};
  ValidationStep end = {};
};

/// Validates, and tells `goes_on` of each batch; empty when that said no.
using Validate = std::function<std::optional<Validation>(
    const std::function<bool(const ValidationStep&)>& goes_on)>;

/// Everything that a run works with.
struct TrainParts {
  std::shared_ptr<Model> model = {};
  Optimizer optimizer;
  Schedule schedule;
  Feed feed = {};
  Validate validate = {};  // may be empty
  TrainLoop loop = {};
  Hooks hooks = {};
  std::optional<ClipGrad> clip_grad = {};
  std::int64_t accumulative_counts = 1;
  Dict facts = {};                 // kept in each checkpoint: config, seed, classes
  std::string how_to_resume = {};  // the command, for the message after an interrupt
};

/// The training loop (docs/specs/openmmlab-runtime.md, 2.1 and 6). One thread.
class Trainer {
 public:
  Trainer(TrainParts parts, RunLog& log);
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// Goes on where the checkpoint was written, to the bit: also in the middle of an epoch. Throws
  /// Error(data) when it is of another run.
  void resume(const std::string& path);
  /// Trains to the end. After SIGINT or SIGTERM it finishes the step, saves, and throws
  /// Error(interrupted) that says how to go on. When the device fails what it held is lost: throws
  /// Error(device) that names the newest checkpoint and says how to go on from there.
  void run();

  const Progress& progress() const { return progress_; }
  const TrainParts& parts() const { return parts_; }

 private:
  struct Clock;

  void run_loop(const std::function<bool()>& stop);
  void run_epochs(const std::function<bool()>& stop);
  void run_iterations(const std::function<bool()>& stop);
  std::optional<ModelInput> next_input();
  void step(const ModelInput& input);
  void note_losses(const torch::Tensor& total, const Losses& losses);
  void after_step();
  void log_step();
  LogLine step_line() const;
  void end_epoch();
  void validate(const std::function<bool()>& stop);
  LogLine validation_line(const ValidationStep& step) const;
  void log_validation(const Validation& result);
  void check_losses() const;
  void stop_here();
  Error without_device(const Error& failure) const;
  void save(const std::string& path, bool weights_only) const;
  Dict state() const;
  std::int64_t max_iterations() const;
  void apply_schedule();

  TrainParts parts_;
  RunLog* log_;
  CheckpointKeeper keeper_;
  Smoothing times_;
  Smoothing scalars_;
  Accumulation accumulation_;
  Progress progress_;
  std::int64_t first_iteration_ = 0;  // of this process
  double seconds_ = 0.0;              // spent in steps by this process
  double mark_ = 0.0;                 // when the last step ended
  std::vector<GroupValues> used_;     // values the step was made with
};

}  // namespace pinfeed
