// SPDX-License-Identifier: Apache-2.0
// Saving and resuming a run.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "pinfeed/config/convert.h"
#include "pinfeed/config/write_json.h"
#include "pinfeed/core/error.h"
#include "pinfeed/train/checkpoint/checkpoint.h"
#include "pinfeed/train/checkpoint/checkpoint_files.h"
#include "pinfeed/train/loop/train_parts.h"
#include "pinfeed/train/loop/trainer.h"
#include "pinfeed/train/optim/optimizer_settings.h"

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

// A checkpoint has lists where a config has tuples.
bool same_json(const Value& a, const Value& b) { return write_json(a) == write_json(b); }

Error other_run(const std::string& path, const std::string& what) {
  return Error(ErrorKind::data, "cannot resume from " + path + ": " + what)
      .help(
          "resume with the data set and the batch size of that run, or start a new run from its "
          "weights: load_from='" +
          path + "'");
}

// The metadata of the runs (run/run.cpp) and the length of their epochs.
void require_same_batches(const TrainParts& parts, const Value& state, const std::string& path) {
  const Value* own = parts.metadata.find("batch_size");
  const Value* stored = state.find("batch_size");
  if (own != nullptr && stored != nullptr && !(*own == *stored)) {
    throw other_run(
        path, "its batches have " + repr(*stored) + " samples, those of this config " + repr(*own));
  }
  const std::int64_t length = count(state, "batches_per_epoch", path);
  if (length == parts.feed->batches_per_epoch()) return;
  throw other_run(path, "its epochs have " + std::to_string(length) +
                            " batches, those of this config " +
                            std::to_string(parts.feed->batches_per_epoch()));
}

// A changed data set is not an error, as in mmengine.
std::vector<std::string> differences_of_data(const TrainParts& parts, const Value& state) {
  std::vector<std::string> differences;
  for (const char* key : {"images", "classes"}) {
    const Value* own = parts.metadata.find(key);
    const Value* stored = state.find(key);
    if (own == nullptr || stored == nullptr || same_json(*own, *stored)) continue;
    differences.push_back(std::string(key) + " " + repr(*own) + " instead of " + repr(*stored));
  }
  return differences;
}

// Where two states of a schedule have other settings: "[1].gamma=0.5 instead of 0.1". What every
// step changes does not count.
std::vector<std::string> differences_of_schedule(const Dict& config, const Dict& stored) {
  const std::vector<std::string> progress = {"last_step", "_global_step",   "base_values",
                                             "best",      "num_bad_epochs", "cooldown_counter"};
  std::vector<std::string> differences;
  const auto& before = config.find("param_schedulers")->items();
  const auto& after = stored.find("param_schedulers")->items();
  for (std::size_t i = 0; i < before.size(); ++i) {
    for (const Dict::Entry& entry : after[i].dict().entries()) {
      const std::string& key = entry.key.text;
      const Value* old = before[i].find(key);
      if (old == nullptr || same_json(*old, entry.value)) continue;
      if (std::find(progress.begin(), progress.end(), key) != progress.end()) continue;
      differences.push_back("param_scheduler[" + std::to_string(i) + "]." + key + "=" +
                            repr(entry.value) + " instead of " + repr(*old));
    }
  }
  return differences;
}

// The hooks that have a state; further ones of the same name are numbered.
std::vector<std::pair<std::string, Hook*>> named_hooks(const Runner& runner) {
  std::vector<std::pair<std::string, Hook*>> named;
  std::map<std::string, int> counts;
  for (const auto& hook : runner.hooks) {
    std::string name = hook->state_name();
    if (name.empty()) continue;
    const int count = ++counts[name];
    if (count > 1) name = fmt::format("{}_{}", name, count);
    named.emplace_back(std::move(name), hook.get());
  }
  return named;
}

}  // namespace

Dict Trainer::state() const {
  Dict state = parts_->metadata;
  state.set("epoch", runner_.progress.epoch);
  state.set("iter", runner_.progress.iteration);
  state.set("batch", runner_.progress.batch);
  const LoaderState position = parts_->feed->position();
  state.set("loader", List{{position.epoch, position.batch}});
  state.set("batches_per_epoch", parts_->feed->batches_per_epoch());
  state.set("time", time_text("%Y-%m-%d %H:%M:%S"));
  state.set("threads", at::get_num_threads());
  state.set("optimizer", optimizer_settings(parts_->optimizer));
  state.set("schedule", parts_->schedule.state());
  if (Value scale = parts_->precision.state(); !scale.is_none()) state.set("loss_scale", scale);
  state.set("checkpoints", checkpoints_.state());
  Dict hooks;
  for (const auto& [name, hook] : named_hooks(runner_)) hooks.set(name, hook->state());
  state.set("hooks", std::move(hooks));
  return state;
}

Checkpoint Trainer::checkpoint() {
  const torch::Device device = parts_->device();
  Checkpoint checkpoint{.weights = named_tensors(*parts_->model),
                        .optimizer = parts_->optimizer.state(),
                        .random = random_state(),
                        .state = state()};
  if (device.is_cuda()) checkpoint.random_cuda = random_state(device);
  for (const ParamGroup& group : parts_->optimizer.groups()) {
    for (std::size_t i = 0; i < group.params.size(); ++i) {
      const torch::Tensor gradient = group.params[i].grad();
      if (gradient.defined()) checkpoint.gradients[group.names[i]] = gradient;
    }
  }
  for (const auto& hook : runner_.hooks) hook->before_save_checkpoint(runner_, checkpoint);
  return checkpoint;
}

void Trainer::load_optimizer(const Checkpoint& checkpoint, const std::string& path) try {
  std::vector<std::string> differences;
  if (const Value* settings = checkpoint.state.find("optimizer"))
    differences = load_settings(parts_->optimizer, *settings);
  if (!differences.empty()) {
    runner_.log->warning(
        "the optimizer's options of the checkpoint are used, and those of the config are "
        "ignored: " +
        joined(differences));
  }
  parts_->optimizer.load(checkpoint.optimizer);
  for (const ParamGroup& group : parts_->optimizer.groups()) {
    for (std::size_t i = 0; i < group.params.size(); ++i) {
      const auto gradient = checkpoint.gradients.find(group.names[i]);
      if (gradient == checkpoint.gradients.end()) continue;
      group.params[i].mutable_grad() = gradient->second.to(group.params[i].device()).clone();
    }
  }
} catch (const Error& error) {
  throw Error(ErrorKind::data, "cannot resume from " + path + ": " + error.text())
      .help(
          "resume with the model and the optimizer of that run, or start a new run from its "
          "weights: load_from='" +
          path + "'");
}

void Trainer::load_schedule(const Value& state, const std::string& path) {
  const Dict config = parts_->schedule.state();
  const Value& stored = required(state, "schedule", path);
  parts_->schedule.load(stored);
  std::vector<std::string> differences = differences_of_schedule(config, parts_->schedule.state());
  const Value* schedulers = stored.find("param_schedulers");
  const std::size_t wanted = config.find("param_schedulers")->items().size();
  if (schedulers->items().size() != wanted) {
    differences.push_back(std::to_string(schedulers->items().size()) +
                          " schedulers, the config has " + std::to_string(wanted));
  }
  if (differences.empty()) return;
  runner_.log->warning("the learning-rate schedule of the checkpoint is continued: " +
                       joined(differences));
}

void Trainer::load_random(const Checkpoint& checkpoint) {
  set_random_state(checkpoint.random);
  const torch::Device device = parts_->device();
  if (device.is_cuda() && checkpoint.random_cuda.defined()) {
    set_random_state(checkpoint.random_cuda, device);
  } else if (device.is_cuda() != checkpoint.random_cuda.defined()) {
    runner_.log->warning(
        "the checkpoint is of a run on another kind of device: the random numbers of the "
        "model differ from those of an uninterrupted run");
  }
  const Value* threads = checkpoint.state.find("threads");
  const Value own(at::get_num_threads());
  if (threads == nullptr || *threads == own) return;
  runner_.log->warning("the checkpoint is of a run with " + repr(*threads) +
                       " threads of torch, this one has " + repr(own) +
                       ": the last bits of results may differ from those of an uninterrupted run");
}

void Trainer::load_hooks(const Checkpoint& checkpoint, const std::string& path) {
  const Value* states = checkpoint.state.find("hooks");
  for (const auto& [name, hook] : named_hooks(runner_)) {
    const Value* state = states != nullptr ? states->find(name) : nullptr;
    if (state == nullptr) continue;
    try {
      hook->load(*state);
    } catch (const Error& error) {
      throw Error(ErrorKind::data,
                  "cannot resume from " + path + ": the state of " + name + ": " + error.text());
    }
  }
  for (const auto& hook : runner_.hooks) hook->after_load_checkpoint(runner_, checkpoint);
}

void Trainer::resume(const std::string& path) { resume(read_checkpoint(path), path); }

void Trainer::resume(const Checkpoint& checkpoint, const std::string& path) {
  const Value state(checkpoint.state);
  if (!checkpoint.random.defined()) {
    throw Error(ErrorKind::data,
                "cannot resume from " + path + ": it was saved without the optimizer")
        .help("load_from='" + path + "' starts a new run from its weights");
  }
  require_same_batches(*parts_, state, path);
  const std::vector<std::string> differences = differences_of_data(*parts_, state);
  if (!differences.empty())
    runner_.log->warning("the data set differs from that of the checkpoint: " +
                         joined(differences));
  restore_weights(*parts_->model, checkpoint, path);
  load_optimizer(checkpoint, path);
  load_schedule(state, path);
  parts_->precision.load(state.find("loss_scale"));
  apply_schedule();
  checkpoints_.load(required(state, "checkpoints", path), path);
  runner_.progress = {.epoch = count(state, "epoch", path),
                      .iteration = count(state, "iter", path),
                      .batch = count(state, "batch", path)};
  load_hooks(checkpoint, path);
  parts_->feed->seek(loader_position(state, path));
  load_random(checkpoint);
}

}  // namespace pinfeed
