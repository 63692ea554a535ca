// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pinfeed/train/checkpoint/checkpoint_files.h"
#include "pinfeed/train/checkpoint/progress.h"
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
  Progress progress = {};
  std::vector<std::shared_ptr<Hook>> hooks = {};  // in the order in which they are called
  TrainParts* training = nullptr;                 // null outside of training
  std::string stop_reason = {};  // not empty: the training ends after this iteration or validation

  CheckpointFiles* checkpoints = nullptr;  // null outside of training
  /// Saves a checkpoint and throws Error(interrupted) if the user wants the run to stop.
  std::function<void()> stop_if_requested = [] {};

  /// The iterations of the whole training.
  std::int64_t max_iterations() const;

  /// Calls one stage of all hooks.
  template <class... Parameters, class... Arguments>
  void call(void (Hook::*stage)(Runner&, Parameters...), const Arguments&... arguments) {
    for (const std::shared_ptr<Hook>& hook : hooks) ((*hook).*stage)(*this, arguments...);
  }
};

}  // namespace pinfeed
