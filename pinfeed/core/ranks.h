// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace pinfeed {

/// The place of this process among the processes that train together. One process has rank 0 of 1.
struct Ranks {
  int rank = 0;  // 0 <= rank < world_size
  int world_size = 1;
  int local_rank = 0;  // among the ranks of this machine
  int local_world_size = 1;
  std::string master_address = {};  // of the store through which the ranks find each other
  int master_port = 0;
  std::string launcher = "none";      // pytorch, slurm or mpi
  int restart_count = 0;              // how often it has started the ranks again, and SLURM the job
  bool launcher_has_store = false;    // the launcher serves the store; otherwise rank 0 does
  std::optional<int> listening = {};  // a socket for rank 0 that listens at master_port

  bool several() const { return world_size > 1; }
  /// "rank 1 of 2".
  std::string text() const;
};

/// The value of an environment variable; empty for one that is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
/// That of this process.
Environment process_environment();

/// Reads the ranks that a launcher has put into the environment. `launcher` is
/// - auto: RANK and WORLD_SIZE (torchrun, Kubernetes' PyTorchJob) win, whatever else is set; else
///   SLURM's variables, inside a step of several tasks only; else Open MPI's; else one process;
/// - none: one process; pytorch, slurm, mpi: the variables of this launcher are required.
/// MASTER_ADDR and MASTER_PORT (29500) name the store; under SLURM the default address is the first
/// host of the step, under Open MPI on one machine 127.0.0.1. Throws Error(config) for a variable
/// that is missing or no number, and for a rank that is not below the number of ranks.
Ranks find_ranks(const std::string& launcher, const Environment& environment);

/// "gpu03" for SLURM's list "gpu[03-05,9],cpu1". Throws Error(config) for an empty list.
std::string first_host(const std::string& node_list);

}  // namespace pinfeed
