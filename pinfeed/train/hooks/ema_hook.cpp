// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 6, EMA and EMA variants.
//
// The average has a tensor for each parameter and buffer of the model. During a validation the
// model has the averages and the hook has the model's own tensors. A checkpoint stores the averages
// as the weights, so that whoever loads it gets the better model, and the model's own under the
// hook's name.
#include "pinfeed/schemas/ema_hook.h"

#include <cmath>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/models/copy_stored.h"
#include "pinfeed/models/weights.h"
#include "pinfeed/train/checkpoint/checkpoint.h"
#include "pinfeed/train/loop/runner.h"

namespace pinfeed {
namespace {

// averaged <- (1 - momentum) * averaged + momentum * source, in the operations of each type.
void average(const EMAHook& params, std::int64_t steps, torch::Tensor& averaged,
             const torch::Tensor& source) {
  const auto count = static_cast<double>(steps);
  const double gamma = params.annealing();
  if (params.ema_type == "StochasticWeightAverage") {
    const auto updates = static_cast<double>(steps / params.interval + 1);
    averaged.add_(source - averaged, 1.0 / updates);
  } else if (params.ema_type == "MomentumAnnealingEMA") {
    averaged.lerp_(source, std::max(params.part_of_new(), gamma / (gamma + count)));
  } else if (params.ema_type == "ExpMomentumEMA") {
    const double momentum =
        (1.0 - params.part_of_new()) * std::exp(-(1.0 + count) / gamma) + params.part_of_new();
    averaged.mul_(1.0 - momentum).add_(source, momentum);
  } else {
    averaged.lerp_(source, params.part_of_new());
  }
}

class MovingAverage : public Hook {
 public:
  explicit MovingAverage(const EMAHook& params) : params_(params) {}

  void before_train(Runner& runner) override {
    check_begin(runner);
    if (averages_.empty()) averages_ = copies_of(*runner.model);
  }

  void after_train_iter(Runner& runner, const ModelInput&, const StepResult&) override {
    const torch::NoGradGuard no_gradients;
    if (has_begun(runner.progress)) {
      update(*runner.model);
    } else {
      for (auto& [name, tensor] : named_tensors(*runner.model)) averages_.at(name).copy_(tensor);
    }
  }

  void before_val_epoch(Runner& runner) override { swap(*runner.model); }
  void after_val_epoch(Runner& runner, const Validation&) override { swap(*runner.model); }

  void before_save_checkpoint(Runner&, Checkpoint& checkpoint) override {
    Tensors own = swapped_ ? averages_ : checkpoint.weights;
    if (!swapped_) checkpoint.weights = averages_;
    for (auto& [name, tensor] : own) checkpoint.hooks[prefix + name] = std::move(tensor);
  }

  void after_load_checkpoint(Runner& runner, const Checkpoint& checkpoint) override {
    averages_ = copies_of(*runner.model);
    swapped_ = false;
    StoredCopies copies(checkpoint.source);
    for (auto& [name, tensor] : named_tensors(*runner.model)) {
      const auto own = checkpoint.hooks.find(prefix + name);
      if (own == checkpoint.hooks.end()) {
        return runner.log->warning(
            "the checkpoint is of a run without EMAHook: the average begins with its weights");
      }
      copies.add(own->second, tensor);
    }
    copies.run();
  }

  std::string state_name() const override { return EMAHook::name; }
  Dict state() const override {
    Dict state;
    state.set("steps", steps_);
    return state;
  }
  void load(const Value& state) override { steps_ = value_in<std::int64_t>(state, "steps"); }

 private:
  static inline const std::string prefix = std::string(EMAHook::name) + "/";

  static Tensors copies_of(const torch::nn::Module& model) {
    Tensors copies;
    for (const auto& [name, tensor] : named_tensors(model)) copies[name] = tensor.detach().clone();
    return copies;
  }

  void check_begin(const Runner& runner) const {
    const TrainLoop& loop = runner.training->loop;
    const bool late = params_.begin_epoch > 0
                          ? loop.by_epoch && params_.begin_epoch > loop.max_epochs
                          : params_.begin_iter > runner.max_iterations();
    if (!late) return;
    throw Error(ErrorKind::config, "EMAHook begins after the end of the training")
        .inside("custom_hooks")
        .help("lower its begin_epoch or begin_iter, or remove it");
  }

  // The iteration is counted already; the epoch of its last iteration is not.
  bool has_begun(const Progress& now) const {
    if (params_.begin_epoch > 0) return now.epoch + 1 >= params_.begin_epoch;
    return now.iteration >= params_.begin_iter;
  }

  void update(const torch::nn::Module& model) {
    const bool due = steps_ == 0 || steps_ % params_.interval == 0;
    for (const auto& parameter : model.named_parameters())
      if (due) add(averages_.at(parameter.key()), parameter.value());
    for (const auto& buffer : model.named_buffers()) {
      torch::Tensor& averaged = averages_.at(buffer.key());
      if (!params_.update_buffers) {
        averaged.copy_(buffer.value());
      } else if (due) {
        add(averaged, buffer.value());
      }
    }
    ++steps_;
  }

  void add(torch::Tensor& averaged, const torch::Tensor& source) const {
    if (steps_ == 0) {
      averaged.copy_(source);
    } else if (averaged.is_floating_point()) {
      average(params_, steps_, averaged, source.detach());
    }
  }

  void swap(torch::nn::Module& model) {
    const torch::NoGradGuard no_gradients;
    const auto exchange = [&](const std::string& name, torch::Tensor tensor) {
      const torch::Tensor own = tensor.detach().clone();
      tensor.copy_(averages_.at(name));
      averages_.at(name).copy_(own);
    };
    for (const auto& parameter : model.named_parameters())
      exchange(parameter.key(), parameter.value());
    if (params_.update_buffers) {
      for (const auto& buffer : model.named_buffers()) exchange(buffer.key(), buffer.value());
    }
    swapped_ = !swapped_;
  }

  EMAHook params_;
  Tensors averages_ = {};   // by the names of the model; the model's own while swapped_
  std::int64_t steps_ = 0;  // iterations since the begin
  bool swapped_ = false;
};

}  // namespace

std::unique_ptr<Hook> make_hook(const EMAHook& params) {
  return std::make_unique<MovingAverage>(params);
}

}  // namespace pinfeed
