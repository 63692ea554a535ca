// SPDX-License-Identifier: Apache-2.0
// How a run begins with several ranks.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "pinfeed/core/ranks.h"
#include "pinfeed/data/loader/loader_options.h"
#include "pinfeed/models/model.h"
#include "pinfeed/schemas/distributed_schema.h"
#include "pinfeed/train/distributed/gradient_reducer.h"
#include "pinfeed/train/distributed/process_group.h"
#include "pinfeed/train/logging/run_log.h"

namespace pinfeed {

/// The device of this rank: of several CUDA devices the one with the number of the local rank,
/// unless `name` names one.
torch::Device device_of(const std::string& name, const Ranks& ranks);

/// Waits for the other ranks for so many seconds; null for one process.
std::shared_ptr<ProcessGroup> make_group(const Ranks& ranks, torch::Device device, double timeout);

/// The log of this rank, in a new folder of the work dir that rank 0 creates. Rank 0 logs a warning
/// for each rank that cannot write one.
RunLog open_log(const std::string& work_dir, ProcessGroup* group, const PrintLine& print_line);

/// Calls `read` on rank 0, then on the first rank of each other machine, then on the others: one
/// rank reads the annotations and writes the index, the others map it.
void in_turns(ProcessGroup* group, const Ranks& ranks, const std::function<void()>& read);

/// Throws Error(config) on every rank when they have different numbers of batches per epoch: then
/// one of them would wait for the others.
void require_same_batches(ProcessGroup* group, std::int64_t batches_per_epoch);

/// The part of this rank in the batches. The ranks of a machine share its cores: where nothing
/// names a number of threads, the loader has as many as its part (shared_cores.h), and torch too,
/// unless OMP_NUM_THREADS is set. `group` is null for one process.
void set_ranks(LoaderOptions& options, const Ranks& ranks, ProcessGroup* group);

/// Lines for the log: "rank 0 of 2, started by pytorch; the ranks meet at 127.0.0.1:29500", and how
/// long gradients were averaged.
std::string text_of(const Ranks& ranks);
std::string text_of(const GradientReducer::Times& times);

/// Connects the modules of a model that compute with the other ranks, and makes the reducer of its
/// gradients; null for one process.
std::unique_ptr<GradientReducer> connected(Model& model, const std::shared_ptr<ProcessGroup>& group,
                                           const DistributedSettings& settings);

}  // namespace pinfeed
