// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/run/ranks_of_run.h"

#include <fmt/format.h>
#include <torch/version.h>

#include <algorithm>
#include <sstream>

#include "pinfeed/config/write_py.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/thread.h"
#include "pinfeed/core/version.h"
#include "pinfeed/models/all_reduce.h"
#include "pinfeed/models/layers/batch_norm.h"
#include "pinfeed/train/input/torch_device.h"

namespace pinfeed {
namespace {

// What must be the same on all ranks: a line for each, then the lines of the config.
std::string start_of(const Value& config, std::int64_t seed) {
  return fmt::format("pinfeed {} with torch {}\nseed {}\n{}", headers_version, TORCH_VERSION, seed,
                     write_py(config.dict()));
}

// "rank 1 has 'seed 2' where rank 0 has 'seed 1'".
std::string first_difference(const std::string& first, const std::string& other, std::size_t rank) {
  std::istringstream of_first(first);
  std::istringstream of_other(other);
  std::string expected;
  std::string found;
  while (std::getline(of_first, expected) && std::getline(of_other, found)) {
    if (found != expected) break;
  }
  return fmt::format("rank {} has '{}' where rank 0 has '{}'", rank, found, expected);
}

}  // namespace

torch::Device device_of(const std::string& name, const Ranks& ranks) {
  const torch::Device chosen = chosen_device(name);
  const bool named = name.find(':') != std::string::npos;
  if (!chosen.is_cuda() || !ranks.several() || named) return chosen;
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(ranks.local_rank)};
}

std::shared_ptr<ProcessGroup> make_group(const Ranks& ranks, torch::Device device,
                                         const DistributedSettings& settings) {
  if (!ranks.several()) return nullptr;
  return std::make_shared<ProcessGroup>(
      ProcessGroupOptions{.ranks = ranks, .device = device, .timeout = settings.timeout});
}

void require_same_start(ProcessGroup& group, const Value& config, std::int64_t seed) {
  const std::vector<std::string> all = group.all_gather(start_of(config, seed));
  for (std::size_t rank = 1; rank < all.size(); ++rank) {
    if (all[rank] == all[0]) continue;
    throw Error(ErrorKind::config,
                "the ranks do not train the same: " + first_difference(all[0], all[rank], rank))
        .help("start all ranks with the same program, config and options");
  }
}

RunLog open_log(const std::string& work_dir, ProcessGroup* group, const PrintLine& print_line) {
  const bool first = group == nullptr || group->is_first();
  std::string run = first ? claimed_run(work_dir, time_text("%Y%m%d_%H%M%S")) : "";
  if (group != nullptr) run = group->broadcast(run);
  return first ? RunLog(work_dir, run, print_line)
               : RunLog(work_dir, run, group->rank(), print_line);
}

void in_turns(ProcessGroup* group, const Ranks& ranks, const std::function<void()>& read) {
  if (group == nullptr) return read();
  const int own_turn = ranks.rank == 0 ? 0 : (ranks.local_rank == 0 ? 1 : 2);
  for (int turn = 0; turn < 3; ++turn) {
    if (turn == own_turn) read();
    group->barrier();
  }
}

void require_same_batches(ProcessGroup* group, std::int64_t batches_per_epoch) {
  if (group == nullptr) return;
  const std::vector<std::string> all = group->all_gather(std::to_string(batches_per_epoch));
  if (std::ranges::all_of(all, [&](const std::string& one) { return one == all.front(); })) return;
  throw Error(ErrorKind::config, "the ranks have different numbers of batches: " + joined(all))
      .inside("train_dataloader.sampler")
      .help("remove round_up=False from the sampler, or set drop_last=True in the loader");
}

void set_ranks(LoaderOptions& options, const Ranks& ranks) {
  options.rank = ranks.rank;
  options.world_size = ranks.world_size;
  if (options.threads == 0 && ranks.several())
    options.threads = std::max(1, usable_cores() / ranks.local_world_size);
}

std::string text_of(const Ranks& ranks) {
  return fmt::format("{}, started by {}; the ranks meet at {}:{}", ranks.text(), ranks.launcher,
                     ranks.master_address, ranks.master_port);
}

std::string text_of(const GradientReducer::Times& times) {
  return fmt::format(
      "averaging gradients took {:.2f} ms per iteration, {:.2f} of them during the backward pass",
      times.reducing, times.overlapped);
}

std::unique_ptr<GradientReducer> connected(Model& model, const std::shared_ptr<ProcessGroup>& group,
                                           const DistributedSettings& settings) {
  if (group == nullptr) return nullptr;
  if (settings.synchronized_batch_norm) synchronize_batch_norms(model);
  set_all_reduce(model,
                 {.sum = [group](const torch::Tensor& numbers) { group->all_reduce(numbers); },
                  .world_size = group->world_size()});
  return std::make_unique<GradientReducer>(group, model, settings);
}

}  // namespace pinfeed
