// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pinfeed/train/checkpoint/checkpoint_files.h"
#include "pinfeed/train/checkpoint/progress.h"
#include "pinfeed/train/logging/scalar_writer.h"
#include "pinfeed/train/loop/hook.h"
#include "pinfeed/train/loop/message_hub.h"
#include "pinfeed/train/loop/train_parts.h"

namespace pinfeed {

class RunLog;

/// What the hooks of a run see, and may change.
struct Runner {
  std::shared_ptr<Model> model = {};
  RunLog* log = nullptr;
  MessageHub message_hub;
  std::vector<std::unique_ptr<ScalarWriter>> scalar_writers = {};  // besides the log
  Progress progress = {};
  std::vector<std::shared_ptr<Hook>> hooks = {};  // in the order in which they are called
  TrainParts* training = nullptr;                 // null outside of training
  std::string stop_reason = {};  // not empty: the training ends after this iteration or validation

  CheckpointFiles* checkpoints = nullptr;  // null outside of training
  /// Set in before_train_iter: the running iteration can be undone.
  bool keep_start = false;
  /// In before_backward, with keep_start: undoes the running iteration, and writes the state before
  /// it to a file from which the run can be resumed. Training only.
  std::function<void(const std::string& path)> save_start = {};
  /// Saves a checkpoint and throws Error(interrupted) if the user wants the run to stop.
  std::function<void()> stop_if_requested = [] {};

  /// Writes the numbers of a line to the scalar writers.
  void write_scalars(const LogLine& line, std::int64_t step);
  /// The iterations of the whole training.
  std::int64_t max_iterations() const;

  /// Calls one stage of all hooks.
  template <class... Parameters, class... Arguments>
  void call(void (Hook::*stage)(Runner&, Parameters...), const Arguments&... arguments) {
    for (const std::shared_ptr<Hook>& hook : hooks) ((*hook).*stage)(*this, arguments...);
  }
};

}  // namespace pinfeed
