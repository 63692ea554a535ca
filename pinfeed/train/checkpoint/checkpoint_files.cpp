// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 6.
#include "pinfeed/train/checkpoint/checkpoint_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/schemas/checkpoint_names.h"
#include "pinfeed/train/checkpoint/published_checkpoint.h"

namespace pinfeed {
namespace {

bool due(const CheckpointHook& hook, std::int64_t done, std::int64_t all) {
  const std::int64_t since = done - hook.save_begin;
  const bool regular = hook.interval > 0 && since >= 0 && since % hook.interval == 0;
  return regular || (hook.save_last && done == all);
}

void remove_file(const std::string& path) {
  std::error_code ignored;  // the user may have removed or moved it
  std::filesystem::remove(path, ignored);
}

std::string name_in_folder(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

bool in_folder(const std::string& path, const std::string& folder) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  std::error_code failed;
  return std::filesystem::equivalent(parent.empty() ? "." : parent, folder, failed);
}

std::string file_part(std::string metric) {
  std::replace(metric.begin(), metric.end(), '/', '_');
  return metric;
}

bool is_checkpoint_name(const std::string& path) {
  return std::filesystem::path(path).extension() == checkpoint_ending;
}

}  // namespace

CheckpointFiles::CheckpointFiles(std::optional<CheckpointHook> hook, RunLog& log, Save save)
    : hook_(std::move(hook)), log_(&log), save_(std::move(save)) {}

bool CheckpointFiles::is_regular(const std::string& path) const {
  return std::find(regular_.begin(), regular_.end(), path) != regular_.end();
}

// The old files are removed after saving: if that fails, they still exist.
void CheckpointFiles::save(std::vector<CheckpointTarget> files, std::vector<std::string> old) {
  const auto in_use = [&](const std::string& path) {
    const auto is_path = [&](const CheckpointTarget& file) { return file.path == path; };
    return path.empty() || path == stop_ || is_regular(path) ||
           std::any_of(files.begin(), files.end(), is_path);
  };
  std::erase_if(old, in_use);
  removed_ = old;
  // Weights alone, with save_optimizer=False, are named unless there is a file to resume from.
  std::string newest;
  for (const CheckpointTarget& file : files) {
    const bool resumable = file.path == stop_ || !file.weights_only || stop_.empty();
    if (resumable && (file.path == stop_ || is_regular(file.path))) newest = file.path;
  }
  save_(std::move(files), [old = std::move(old), newest, folder = log_->work_dir()] {
    if (!newest.empty()) {
      write_atomically(folder + "/last_checkpoint",
                       [&](FileWriter& writer) { writer.write(newest); }, {.follow_links = false});
    }
    for (const std::string& path : old) remove_file(path);
  });
}

void CheckpointFiles::save_regular(std::int64_t done) {
  const std::string path = path_of(hook_->file_name(done));
  log_->info(
      fmt::format("Saving checkpoint at {} {}", done, hook_->by_epoch ? "epochs" : "iterations"));
  std::erase(regular_, path);
  regular_.push_back(path);
  std::vector<std::string> old;
  if (hook_->save_optimizer) old.push_back(std::exchange(stop_, ""));
  while (hook_->max_keep_ckpts > 0 && std::ssize(regular_) > hook_->max_keep_ckpts) {
    old.push_back(regular_.front());
    regular_.erase(regular_.begin());
  }
  save({{path, !hook_->save_optimizer}}, std::move(old));
}

void CheckpointFiles::after_epoch(std::int64_t done, std::int64_t all) {
  if (hook_ && hook_->by_epoch && due(*hook_, done, all)) save_regular(done);
}

void CheckpointFiles::after_iteration(std::int64_t done, std::int64_t all) {
  if (hook_ && !hook_->by_epoch && due(*hook_, done, all)) save_regular(done);
}

void CheckpointFiles::after_training(const Progress& progress, bool ended_early) {
  if (!hook_) return;
  const bool inside_epoch = hook_->by_epoch && progress.batch > 0;
  const std::int64_t done = hook_->by_epoch ? progress.epoch : progress.iteration;
  const bool saved = !inside_epoch && is_regular(path_of(hook_->file_name(done)));
  if (saved && !stop_.empty() && hook_->save_optimizer) {
    save_regular(done);
  } else if (!saved && ended_early && hook_->save_last) {
    inside_epoch ? void(save_now(progress.iteration)) : save_regular(done);
  }
}

void CheckpointFiles::publish() const {
  if (!hook_ || hook_->published().empty()) return;
  std::vector<std::string> files;
  if (hook_->save_last && !regular_.empty()) files.push_back(regular_.back());
  for (const auto& [metric, best] : best_) files.push_back(best.path);
  std::erase(files, "");  // the best file of a run in another folder
  for (const std::string& file : files) {
    const std::string published = publish_checkpoint(file, hook_->published());
    log_->info(fmt::format("The checkpoint ({}) is published to {}", joined(hook_->published()),
                           name_in_folder(published)));
  }
}

std::string CheckpointFiles::save_now(std::int64_t iterations_done) {
  const std::string path = path_of(fmt::format("iter_{}{}", iterations_done, checkpoint_ending));
  const std::string before = std::exchange(stop_, path);
  save({{path, false}}, {before});
  return path;
}

void CheckpointFiles::after_validation(const Scalars& metrics, std::int64_t epochs_done,
                                       std::int64_t iterations_done) {
  if (!hook_ || metrics.empty()) return;
  const std::string file_name = hook_->file_name(hook_->by_epoch ? epochs_done : iterations_done);
  std::vector<CheckpointTarget> files;
  std::vector<std::string> old;
  for (std::string metric : hook_->best_metrics()) {
    if (metric == "auto") metric = best_.empty() ? metrics.front().first : best_.begin()->first;
    const double* score = value_of(metrics, metric);
    if (score == nullptr) {
      throw Error(ErrorKind::config, "save_best is '" + metric + "', which is not a metric")
          .inside("default_hooks.checkpoint.save_best")
          .help("the metrics are " + joined(names_of(metrics)));
    }
    if (const auto file = better(metric, *score, file_name, old)) files.push_back(*file);
  }
  if (files.empty()) return;
  if (!regular_.empty() && regular_.back() == path_of(file_name))
    files.push_back({regular_.back(), !hook_->save_optimizer});
  save(std::move(files), std::move(old));
}

// The file for a score that is the best so far; appends the file that it replaces to `old`.
std::optional<CheckpointTarget> CheckpointFiles::better(const std::string& metric, double score,
                                                        const std::string& file_name,
                                                        std::vector<std::string>& old) {
  const bool greater = hook_->greater_is_better(metric);
  const auto before = best_.find(metric);
  const bool is_better = before == best_.end() ||
                         (greater ? score > before->second.score : score < before->second.score);
  if (!is_better) return std::nullopt;
  if (before != best_.end()) old.push_back(before->second.path);
  const std::string name = "best_" + file_part(metric) + "_" + file_name;
  best_[metric] = {score, path_of(name)};
  log_->info(fmt::format("The best checkpoint with {:.4f} {} is saved to {}", score, metric, name));
  return CheckpointTarget{path_of(name), true};
}

Dict CheckpointFiles::state() const {
  Dict best;
  for (const auto& [metric, one] : best_) {
    Dict entry;
    entry.set("score", one.score);
    entry.set("path", name_in_folder(one.path));
    best.set(metric, std::move(entry));
  }
  List regular;
  for (const std::string& path : regular_) regular.items.emplace_back(name_in_folder(path));
  Dict state;
  state.set("best", std::move(best));
  state.set("kept", std::move(regular));
  state.set("stop", name_in_folder(stop_));
  List removed;
  for (const std::string& path : removed_) removed.items.emplace_back(name_in_folder(path));
  state.set("removed", std::move(removed));
  return state;
}

void CheckpointFiles::load(const Value& state, const std::string& path) {
  best_.clear();
  regular_.clear();
  stop_.clear();
  const bool own = in_folder(path, log_->work_dir());
  // Only the name of a file counts, so a state never leads to files outside of the work dir.
  const auto own_path = [&](const Value& written, const char* key) {
    const std::string name = name_in_folder(convert<std::string>(written, key));
    return own && !name.empty() ? log_->work_dir() + "/" + name : std::string();
  };
  if (const Value* best = state.find("best"); best != nullptr && best->is_dict()) {
    for (const Dict::Entry& entry : best->dict().entries()) {
      best_[entry.key.text] = {convert<double>(*entry.value.find("score"), "best"),
                               own_path(*entry.value.find("path"), "best")};
    }
  }
  if (const Value* stop = state.find("stop")) stop_ = own_path(*stop, "stop");
  const auto own_paths = [&](const char* key) {
    std::vector<std::string> paths;
    const Value* list = own ? state.find(key) : nullptr;
    if (list == nullptr || !list->is_sequence()) return paths;
    for (const Value& name : list->items()) paths.push_back(own_path(name, key));
    return paths;
  };
  regular_ = own_paths("kept");
  for (const std::string& old : own_paths("removed")) {
    if (is_checkpoint_name(old) && !is_regular(old)) remove_file(old);
  }
}

std::optional<std::string> last_checkpoint(const std::string& work_dir) {
  const std::string file = work_dir + "/last_checkpoint";
  if (!std::filesystem::exists(file)) return std::nullopt;
  std::string path = read_text(file, ErrorKind::data);
  while (!path.empty() && (path.back() == '\n' || path.back() == ' ')) path.pop_back();
  const std::string name = name_in_folder(path);
  if (name.empty()) return std::nullopt;
  return work_dir + "/" + name;
}

}  // namespace pinfeed
