// SPDX-License-Identifier: Apache-2.0
// Saving and resuming a run.
#include "pinfeed/config/convert.h"
#include "pinfeed/core/error.h"
#include "pinfeed/train/checkpoint/checkpoint.h"
#include "pinfeed/train/checkpoint/checkpoint_files.h"
#include "pinfeed/train/loop/train_parts.h"
#include "pinfeed/train/loop/trainer.h"

namespace pinfeed {
namespace {

const Value& required(const Value& state, std::string_view key, const std::string& path) {
  const Value* value = state.find(key);
  if (value != nullptr) return *value;
  throw Error(ErrorKind::data,
              "cannot resume from " + path + ": its state has no '" + std::string(key) + "'");
}

std::int64_t count(const Value& state, std::string_view key, const std::string& path) {
  const Value& value = required(state, key, path);
  if (value.is_int() && value.integer() >= 0) return value.integer();
  throw Error(ErrorKind::data, "cannot resume from " + path + ": '" + std::string(key) +
                                   "' of its state is " + repr(value));
}

LoaderState loader_position(const Value& state, const std::string& path) {
  const auto position =
      convert<std::array<std::int64_t, 2>>(required(state, "loader", path), "loader");
  return {position[0], position[1]};
}

}  // namespace

Dict Trainer::state() const {
  Dict state = parts_->metadata;
  state.set("epoch", progress_.epoch);
  state.set("iter", progress_.iteration);
  state.set("batch", progress_.batch);
  const LoaderState position = parts_->feed->position();
  state.set("loader", List{{position.epoch, position.batch}});
  state.set("batches_per_epoch", parts_->feed->batches_per_epoch());
  state.set("validation_due", progress_.validation_due);
  state.set("time", time_text("%Y-%m-%d %H:%M:%S"));
  state.set("schedule", parts_->schedule.state());
  state.set("checkpoints", checkpoints_->state());
  return state;
}

void Trainer::save(const std::string& path, bool weights_only) const {
  Checkpoint checkpoint{.weights = named_tensors(*parts_->model), .state = state()};
  if (!weights_only) {
    checkpoint.optimizer = parts_->optimizer.state();
    checkpoint.random = random_state();
    for (const ParamGroup& group : parts_->optimizer.groups()) {
      for (std::size_t i = 0; i < group.params.size(); ++i) {
        const torch::Tensor gradient = group.params[i].grad();
        if (gradient.defined()) checkpoint.gradients[group.names[i]] = gradient;
      }
    }
  }
  write_checkpoint(path, checkpoint);
}

void Trainer::resume(const std::string& path) {
  const Checkpoint checkpoint = read_checkpoint(path);
  const Value state(checkpoint.state);
  if (!checkpoint.random.defined()) {
    throw Error(ErrorKind::data,
                "cannot resume from " + path + ": it was saved without the optimizer")
        .help("load_from='" + path + "' starts a new run from its weights");
  }
  const std::int64_t length = count(state, "batches_per_epoch", path);
  if (length != parts_->feed->batches_per_epoch()) {
    throw Error(ErrorKind::data, "cannot resume from " + path + ": its epochs have " +
                                     std::to_string(length) + " batches, those of this config " +
                                     std::to_string(parts_->feed->batches_per_epoch()))
        .help("resume with the data set and the batch size of that run");
  }
  restore_weights(*parts_->model, checkpoint, path);
  parts_->optimizer.load(checkpoint.optimizer);
  for (const ParamGroup& group : parts_->optimizer.groups()) {
    for (std::size_t i = 0; i < group.params.size(); ++i) {
      const auto gradient = checkpoint.gradients.find(group.names[i]);
      if (gradient == checkpoint.gradients.end()) continue;
      group.params[i].mutable_grad() = gradient->second.to(group.params[i].device()).clone();
    }
  }
  parts_->schedule.load(required(state, "schedule", path));
  apply_schedule();
  checkpoints_->load(required(state, "checkpoints", path));
  progress_ = {.epoch = count(state, "epoch", path),
               .iteration = count(state, "iter", path),
               .batch = count(state, "batch", path),
               .validation_due = required(state, "validation_due", path) == Value(true) &&
                                 parts_->evaluator != nullptr};
  parts_->feed->seek(loader_position(state, path));
  set_random_state(checkpoint.random);
}

}  // namespace pinfeed
