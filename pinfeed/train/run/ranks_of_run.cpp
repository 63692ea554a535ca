// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/run/ranks_of_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "pinfeed/core/error.h"
#include "pinfeed/models/all_reduce.h"
#include "pinfeed/models/layers/batch_norm.h"
#include "pinfeed/train/distributed/end_together.h"
#include "pinfeed/train/input/torch_device.h"
#include "pinfeed/train/run/shared_cores.h"

namespace pinfeed {
namespace {

// Rank 0 learns which ranks have no log, because only its own warnings are shown.
void warn_of_missing_logs(ProcessGroup& group, RunLog& log) {
  const std::string own =
      fmt::format("{}/{}/{}_rank{}.log", log.work_dir(), log.run(), log.run(), group.rank());
  const bool missing = !group.is_first() && !std::filesystem::exists(own);
  const std::vector<std::string> all = group.gather(missing ? own : "");
  for (std::size_t rank = 1; rank < all.size(); ++rank)
    if (!all[rank].empty())
      log.warning(fmt::format("rank {} has no log: it cannot write {}", rank, all[rank]));
}

}  // namespace

torch::Device device_of(const std::string& name, const Ranks& ranks) {
  const torch::Device chosen = chosen_device(name);
  const bool named = name.find(':') != std::string::npos;
  if (!chosen.is_cuda() || !ranks.several() || named) return chosen;
  return {torch::kCUDA, static_cast<c10::DeviceIndex>(ranks.local_rank)};
}

std::shared_ptr<ProcessGroup> make_group(const Ranks& ranks, torch::Device device, double timeout) {
  if (!ranks.several()) return nullptr;
  return std::make_shared<ProcessGroup>(
      ProcessGroupOptions{.ranks = ranks, .device = device, .timeout = timeout});
}

RunLog open_log(const std::string& work_dir, ProcessGroup* group, const PrintLine& print_line) {
  const bool first = group == nullptr || group->is_first();
  std::string run = first ? claimed_run(work_dir, time_text("%Y%m%d_%H%M%S")) : "";
  if (group != nullptr) run = group->broadcast(run);
  RunLog log =
      first ? RunLog(work_dir, run, print_line) : RunLog(work_dir, run, group->rank(), print_line);
  if (group != nullptr) warn_of_missing_logs(*group, log);
  return log;
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
  end_together(*group);
  throw Error(ErrorKind::config, "the ranks have different numbers of batches: " + joined(all))
      .inside("train_dataloader.sampler")
      .help("remove round_up=False from the sampler, or set drop_last=True in the loader");
}

void set_ranks(LoaderOptions& options, const Ranks& ranks, ProcessGroup* group) {
  options.rank = ranks.rank;
  options.world_size = ranks.world_size;
  if (group == nullptr) return;
  const int share = share_of_cores(*group);
  if (options.threads == 0) options.threads = share;
  if (std::getenv("OMP_NUM_THREADS") == nullptr) at::set_num_threads(share);
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
