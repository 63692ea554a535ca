// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "pinfeed/cli/doctor.h"
#include "pinfeed/cli/memory_text.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/text.h"
#include "pinfeed/core/thread.h"
#include "pinfeed/memory/host_memory.h"
#include "pinfeed/train/entry_points.h"

namespace pinfeed::cli {
namespace {

namespace fs = std::filesystem;
using Level = Diagnosis::Level;

// The nearest folder that exists.
fs::path existing(fs::path folder) {
  std::error_code none;
  while (!folder.empty() && !fs::exists(folder, none)) folder = folder.parent_path();
  return folder.empty() ? fs::path(".") : folder;
}

Diagnosis disk(const TrialReport& trial, const CheckpointHook* hook, const std::string& folder) {
  // The newest one is complete before the oldest is removed; weights of the best validation.
  std::int64_t kept = 2;
  if (hook != nullptr && hook->interval > 0) {
    const std::int64_t saved =
        hook->by_epoch ? trial.iterations / std::max<std::int64_t>(1, trial.batches_per_epoch)
                       : trial.iterations;
    const std::int64_t all = saved / hook->interval + 1;
    kept += hook->max_keep_ckpts > 0 ? std::min(all, hook->max_keep_ckpts) : all;
  }
  const std::uint64_t needed = trial.checkpoint_bytes * static_cast<std::uint64_t>(kept);
  std::error_code failed;
  const fs::space_info space = fs::space(existing(folder), failed);
  if (failed) return {Level::note, "disk", folder + ": " + failed.message()};
  Diagnosis found{
      .topic = "disk",
      .text = fmt::format("checkpoints of {} each, up to {} of them: {}; {} are free in {}",
                          size_text(trial.checkpoint_bytes), kept, size_text(needed),
                          size_text(space.available), folder)};
  if (needed > space.available) {
    found.level = Level::problem;
    found.advice = "set max_keep_ckpts in default_hooks.checkpoint, or another --work-dir";
  }
  return found;
}

// Weights, gradients and optimizer on the CPU, the copy that is written, and the batches.
Diagnosis memory(const TrialReport& trial) {
  const bool host = trial.device == "cpu";
  const std::uint64_t weights = static_cast<std::uint64_t>(trial.parameters) * sizeof(float);
  const std::uint64_t model = host ? trial.checkpoint_bytes + weights : 0;
  const std::uint64_t needed = model + trial.checkpoint_bytes + trial.loader_bytes;
  Diagnosis found{
      .topic = "memory",
      .text = fmt::format("{} for model, checkpoint copy and batches, without activations; this "
                          "process may use {}",
                          size_text(needed), size_text(ram_bytes()))};
  if (needed > ram_bytes() / 10 * 9) {
    found.level = Level::problem;
    found.advice = "lower batch_size or pinfeed.prefetch, or use a machine with more memory";
  }
  return found;
}

Diagnosis locking(const TrialReport& trial) {
  if (trial.device == "cpu")
    return {Level::ok, "page-locked memory", "not needed: the batches are used where they are"};
  const std::size_t limit = pin_limit();
  Diagnosis found{.topic = "page-locked memory",
                  .text = fmt::format("the batches take {}; up to {} may be locked",
                                      size_text(trial.loader_bytes), size_text(limit))};
  if (trial.loader_bytes > limit) {
    found.level = Level::note;
    found.advice =
        "raise the limit (ulimit -l), or lower pinfeed.prefetch: copies from pageable "
        "memory are slower";
  }
  return found;
}

// On the CPU the loader takes its time from the model; with a device both work at once.
Diagnosis duration(const TrialReport& trial) {
  const bool host = trial.device == "cpu";
  const double iteration = host ? trial.step_seconds + trial.batch_seconds
                                : std::max(trial.step_seconds, trial.batch_seconds);
  const auto batches = static_cast<double>(trial.batches_per_epoch);
  Diagnosis found{.topic = "time",
                  .text = fmt::format(
                      "{} an epoch, {} in all, without validation: {:.3f} s a step, {:.3f} s to "
                      "load a batch",
                      duration_text(batches * iteration),
                      duration_text(static_cast<double>(trial.iterations) * iteration),
                      trial.step_seconds, trial.batch_seconds)};
  if (trial.batch_seconds > trial.step_seconds) {
    found.level = Level::note;
    found.advice =
        "loading is slower than the model: `pinfeed bench CONFIG` names the stage that limits it";
  }
  return found;
}

}  // namespace

std::vector<Diagnosis> diagnose_machine(const TrialReport& trial, const CheckpointHook* checkpoints,
                                        const std::string& folder) {
  std::vector<Diagnosis> found;
  found.push_back(
      {Level::ok, "device", fmt::format("{}, {} parameters", trial.device, trial.parameters)});
  found.push_back({Level::ok, "threads",
                   fmt::format("{} of torch, {} of the loader, on {} cores", trial.torch_threads,
                               trial.loader_threads, usable_cores())});
  found.push_back(disk(trial, checkpoints, folder));
  found.push_back(memory(trial));
  found.push_back(locking(trial));
  found.push_back(duration(trial));
  return found;
}

}  // namespace pinfeed::cli
