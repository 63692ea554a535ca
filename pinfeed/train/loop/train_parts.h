// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/models/model.h"
#include "pinfeed/schedule/schedule.h"
#include "pinfeed/schedule/train_loop.h"
#include "pinfeed/schemas/hook_list.h"
#include "pinfeed/train/input/feed.h"
#include "pinfeed/train/loop/model_evaluator.h"
#include "pinfeed/train/optim/mixed_precision.h"
#include "pinfeed/train/optim/optimizer.h"

namespace pinfeed {

/// Everything that a Trainer works with.
struct TrainParts {
  std::shared_ptr<Model> model = {};
  Optimizer optimizer;
  Schedule schedule;
  std::unique_ptr<Feed> feed = {};
  std::shared_ptr<Evaluator> evaluator = {};  // null: no validation
  TrainLoop loop = {};
  Hooks hooks = {};  // their parameters
  std::optional<ClipGrad> clip_grad = {};
  std::int64_t accumulative_counts = 1;
  MixedPrecision precision = {};
  Dict metadata = {};                          // stored in each checkpoint: config, seed, classes
  std::string resume_command = {};             // for the message after an interrupt
  std::vector<std::string> vis_backends = {};  // types: further places for the logged numbers
  bool discard_on_stop = false;                // a requested stop discards the running iteration

  /// The device of the parameters.
  torch::Device device() const;
};

}  // namespace pinfeed
