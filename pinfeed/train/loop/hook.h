// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <string>

#include "pinfeed/config/convert.h"
#include "pinfeed/core/error.h"
#include "pinfeed/models/model.h"
#include "pinfeed/train/logging/log_line.h"
#include "pinfeed/train/loop/validation.h"

namespace pinfeed {

struct Checkpoint;
struct Runner;

/// What a training iteration has computed.
struct StepResult {
  torch::Tensor loss = {};  // a scalar: the sum of the losses, before a division for accumulation
  Losses losses = {};       // all scalars of the model
  torch::Tensor grad_norm = {};  // before clipping; undefined where nothing was clipped
};

/// Acts at the stages of a run, which have mmengine's names and order
/// (docs/specs/openmmlab-runtime.md, 2.1). Logging, schedules, validation and checkpoints are
/// hooks. In the stages after an iteration or an epoch, Runner::progress counts it already. A hook
/// may change the runner; what later iterations depend on belongs to its state(). One thread.
class Hook {
 public:
  Hook() = default;
  Hook(const Hook&) = delete;
  Hook& operator=(const Hook&) = delete;
  virtual ~Hook() = default;

  virtual void before_run(Runner&) {}
  virtual void after_run(Runner&) {}

  virtual void before_train(Runner&) {}
  virtual void after_train(Runner&) {}
  virtual void before_train_epoch(Runner&) {}
  virtual void after_train_epoch(Runner&) {}
  virtual void before_train_iter(Runner&, const ModelInput&) {}
  virtual void after_train_iter(Runner&, const ModelInput&, const StepResult&) {}
  /// A stage that mmengine does not have: the losses are known, nothing is updated yet.
  virtual void before_backward(Runner&, const ModelInput&, const StepResult&) {}

  virtual void before_val(Runner&) {}
  virtual void after_val(Runner&) {}
  virtual void before_val_epoch(Runner&) {}
  virtual void after_val_epoch(Runner&, const Validation&) {}
  virtual void before_val_iter(Runner&) {}
  virtual void after_val_iter(Runner&, const ValidationStep&) {}

  virtual void before_test(Runner&) {}
  virtual void after_test(Runner&) {}
  virtual void before_test_epoch(Runner&) {}
  virtual void after_test_epoch(Runner&, const Validation&) {}
  virtual void before_test_iter(Runner&) {}
  virtual void after_test_iter(Runner&, const ValidationStep&) {}

  /// The checkpoint is complete, except for the changes of later hooks. Its tensors share memory
  /// with the model and the optimizer: assign others, do not write into them.
  virtual void before_save_checkpoint(Runner&, Checkpoint&) {}
  /// The run continues from the checkpoint: its weights are in the model.
  virtual void after_load_checkpoint(Runner&, const Checkpoint&) {}

  /// The name of its state in a checkpoint; empty for a hook without one.
  virtual std::string state_name() const { return {}; }
  /// Everything that a resumed run needs to act as this one would, apart from tensors, which
  /// before_save_checkpoint() adds.
  virtual Dict state() const { return {}; }
  /// Continues from such a state. Throws Error(data) when it is broken.
  virtual void load(const Value& /*state*/) {}
};

/// A value in the state of a hook. Throws Error when it is absent or of another type.
template <class T>
T value_in(const Value& state, const char* key) {
  const Value* value = state.find(key);
  if (value == nullptr) throw Error(ErrorKind::data, std::string("it has no '") + key + "'");
  return convert<T>(*value, key);
}

}  // namespace pinfeed
