// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 6.
#include "pinfeed/train/checkpoint/checkpoint_keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/schemas/checkpoint_names.h"

namespace pinfeed {
namespace {

bool due(const CheckpointHook& hook, std::int64_t done, std::int64_t all) {
  const std::int64_t since = done - hook.save_begin;
  const bool regular = hook.interval > 0 && since >= 0 && since % hook.interval == 0;
  return regular || (hook.save_last && done == all);
}

void remove_file(const std::string& path) {
  std::error_code ignored;  // somebody may have removed or moved it
  std::filesystem::remove(path, ignored);
}

std::string file_part(std::string metric) {
  std::replace(metric.begin(), metric.end(), '/', '_');
  return metric;
}

const double* find(const Scalars& metrics, const std::string& name) {
  for (const auto& [key, value] : metrics) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::vector<std::string> names_of(const Scalars& metrics) {
  std::vector<std::string> names;
  for (const auto& [name, value] : metrics) names.push_back(name);
  return names;
}

}  // namespace

CheckpointKeeper::CheckpointKeeper(std::optional<CheckpointHook> hook, RunLog& log, Save save)
    : hook_(std::move(hook)), log_(&log), save_(std::move(save)) {}

void CheckpointKeeper::remember(const std::string& path) {
  write_atomically(log_->work_dir() + "/last_checkpoint",
                   [&](FileWriter& writer) { writer.write(path); });
}

void CheckpointKeeper::remove_unless_kept(const std::string& path) const {
  const bool kept = std::find(kept_.begin(), kept_.end(), path) != kept_.end();
  if (!path.empty() && path != stop_ && !kept) remove_file(path);
}

void CheckpointKeeper::save_regular(std::int64_t done) {
  const std::string path = log_->work_dir() + "/" + hook_->file_name(done);
  log_->info(
      fmt::format("Saving checkpoint at {} {}", done, hook_->by_epoch ? "epochs" : "iterations"));
  std::erase(kept_, path);
  kept_.push_back(path);
  const bool bounded = hook_->max_keep_ckpts > 0;
  std::vector<std::string> old;
  while (bounded && std::ssize(kept_) > hook_->max_keep_ckpts) {
    old.push_back(kept_.front());
    kept_.erase(kept_.begin());
  }
  const std::string stop = std::exchange(stop_, "");
  save_(path, !hook_->save_optimizer);
  remember(path);
  // Only now: had saving failed, the old ones would still be there.
  for (const std::string& path_of_old : old) remove_file(path_of_old);
  remove_unless_kept(stop);
}

void CheckpointKeeper::after_epoch(std::int64_t done, std::int64_t all) {
  if (hook_ && hook_->by_epoch && due(*hook_, done, all)) save_regular(done);
}

void CheckpointKeeper::after_iteration(std::int64_t done, std::int64_t all) {
  if (hook_ && !hook_->by_epoch && due(*hook_, done, all)) save_regular(done);
}

std::string CheckpointKeeper::save_now(std::int64_t iterations_done) {
  const std::string path =
      fmt::format("{}/iter_{}{}", log_->work_dir(), iterations_done, checkpoint_ending);
  const std::string before = std::exchange(stop_, path);
  save_(path, false);
  remember(path);
  remove_unless_kept(before);
  return path;
}

void CheckpointKeeper::after_validation(const Scalars& metrics, std::int64_t epochs_done,
                                        std::int64_t iterations_done) {
  if (!hook_ || metrics.empty()) return;
  const std::string file_name = hook_->file_name(hook_->by_epoch ? epochs_done : iterations_done);
  for (std::string metric : hook_->best_metrics()) {
    if (metric == "auto") metric = best_.empty() ? metrics.front().first : best_.begin()->first;
    const double* score = find(metrics, metric);
    if (score == nullptr) {
      throw Error(ErrorKind::config, "save_best is '" + metric + "', which no metric is called")
          .inside("default_hooks.checkpoint.save_best")
          .help("the metrics are " + joined(names_of(metrics)));
    }
    save_best(metric, *score, file_name);
  }
}

void CheckpointKeeper::save_best(const std::string& metric, double score,
                                 const std::string& file_name) {
  const bool greater = hook_->greater_is_better(metric);
  const auto before = best_.find(metric);
  const bool better = before == best_.end() ||
                      (greater ? score > before->second.score : score < before->second.score);
  if (!better) return;
  const std::string old = before != best_.end() ? before->second.path : "";
  const std::string best_name = "best_" + file_part(metric) + "_" + file_name;
  const std::string path = log_->work_dir() + "/" + best_name;
  best_[metric] = {score, path};
  save_(path, true);
  if (old != path && !old.empty()) remove_file(old);
  log_->info(
      fmt::format("The best checkpoint with {:.4f} {} is saved to {}", score, metric, best_name));
  // Saved just before, it must know the score: else a resumed run took a worse one for the best.
  const bool saved_just_now = !kept_.empty() && kept_.back() == log_->work_dir() + "/" + file_name;
  if (saved_just_now) save_(kept_.back(), !hook_->save_optimizer);
}

Dict CheckpointKeeper::state() const {
  Dict best;
  for (const auto& [metric, one] : best_) {
    Dict entry;
    entry.set("score", one.score);
    entry.set("path", one.path);
    best.set(metric, std::move(entry));
  }
  List kept;
  for (const std::string& path : kept_) kept.items.emplace_back(path);
  Dict state;
  state.set("best", std::move(best));
  state.set("kept", std::move(kept));
  state.set("stop", stop_);
  return state;
}

void CheckpointKeeper::load(const Value& state) {
  best_.clear();
  kept_.clear();
  if (const Value* best = state.find("best"); best != nullptr && best->is_dict()) {
    for (const Dict::Entry& entry : best->dict().entries()) {
      best_[entry.key.text] = {convert<double>(*entry.value.find("score"), "best"),
                               convert<std::string>(*entry.value.find("path"), "best")};
    }
  }
  if (const Value* stop = state.find("stop")) stop_ = convert<std::string>(*stop, "stop");
  if (const Value* kept = state.find("kept"); kept != nullptr && kept->is_sequence()) {
    for (const Value& path : kept->items()) kept_.push_back(convert<std::string>(path, "kept"));
  }
}

std::optional<std::string> last_checkpoint(const std::string& work_dir) {
  const std::string file = work_dir + "/last_checkpoint";
  if (!std::filesystem::exists(file)) return std::nullopt;
  std::string path = read_text(file, ErrorKind::data);
  while (!path.empty() && (path.back() == '\n' || path.back() == ' ')) path.pop_back();
  if (std::filesystem::exists(path)) return path;
  return work_dir + "/" + std::filesystem::path(path).filename().string();
}

}  // namespace pinfeed
