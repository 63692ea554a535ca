// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/models/model.h"
#include "pinfeed/schedule/schedule.h"
#include "pinfeed/schedule/train_loop.h"
#include "pinfeed/schemas/hook_list.h"
#include "pinfeed/train/distributed/gradient_reducer.h"
#include "pinfeed/train/distributed/process_group.h"
#include "pinfeed/train/input/feed.h"
#include "pinfeed/train/loop/model_evaluator.h"
#include "pinfeed/train/optim/mixed_precision.h"
#include "pinfeed/train/optim/optimizer.h"

namespace pinfeed {

/// The loss that is minimised: the sum of all scalars whose name contains "loss". Throws Error(bug)
/// when there is none.
torch::Tensor sum_of_losses(const Losses& losses);

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
  std::shared_ptr<ProcessGroup> group = {};       // null: one process
  std::unique_ptr<GradientReducer> reducer = {};  // null: one process
  Dict metadata = {};                          // stored in each checkpoint: config, seed, classes
  std::string resume_command = {};             // for the message after an interrupt
  std::vector<std::string> vis_backends = {};  // types: further places for the logged numbers
  bool discard_on_stop = false;                // a requested stop discards the running iteration
  /// Shows a line in a terminal that the next one overwrites; may be empty.
  std::function<void(const std::string&)> show_progress = {};

  /// Whether this process writes the files of the run: it is the only one, or rank 0.
  bool writes_files() const { return group == nullptr || group->is_first(); }
  /// The device of the parameters.
  torch::Device device() const;
  /// Clips the gradients, updates the parameters unless a scaled gradient is not finite, and resets
  /// the gradients. Returns their norm before clipping; undefined where no norm is clipped.
  torch::Tensor update();
};

}  // namespace pinfeed
