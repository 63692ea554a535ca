// SPDX-License-Identifier: Apache-2.0
// Source of the names: the documentation of torchrun, srun (Output environment variables) and Open
// MPI (mpirun); defaults as mmengine/dist/utils.py.
#include "pinfeed/core/ranks.h"

#include <charconv>
#include <cstdlib>
#include <sstream>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

constexpr int default_port = 29500;
constexpr int largest_port = 65535;
constexpr int most_ranks = 1'000'000;

// The variables of one launcher.
struct Names {
  const char* launcher;
  const char* rank;
  const char* world_size;
  const char* local_rank;
  const char* local_world_size;
  const char* restart_count;
};
constexpr Names pytorch = {"pytorch",          "RANK",
                           "WORLD_SIZE",       "LOCAL_RANK",
                           "LOCAL_WORLD_SIZE", "TORCHELASTIC_RESTART_COUNT"};
constexpr Names slurm = {"slurm",         "SLURM_PROCID",          "SLURM_STEP_NUM_TASKS",
                         "SLURM_LOCALID", "SLURM_NTASKS_PER_NODE", "SLURM_RESTART_COUNT"};
constexpr auto slurm_tasks = "SLURM_STEP_TASKS_PER_NODE";
constexpr Names mpi = {"mpi",
                       "OMPI_COMM_WORLD_RANK",
                       "OMPI_COMM_WORLD_SIZE",
                       "OMPI_COMM_WORLD_LOCAL_RANK",
                       "OMPI_COMM_WORLD_LOCAL_SIZE",
                       "OMPI_MCA_orte_num_restarts"};

int whole_number(const std::string& name, const std::string& text, int least, int most) {
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, number);
  if (fault == std::errc() && stop == end && number >= least && number <= most) return number;
  throw Error(ErrorKind::config, name + " is '" + text +
                                     "' in the environment; it must be a number from " +
                                     std::to_string(least) + " to " + std::to_string(most));
}

int number_in(const Environment& environment, const std::string& name, int least, int most,
              std::optional<int> absent) {
  const std::optional<std::string> text = environment(name);
  if (text) return whole_number(name, *text, least, most);
  if (absent) return *absent;
  throw Error(ErrorKind::config, name + " is not set in the environment")
      .help("start the ranks with torchrun, srun or mpirun, or use --launcher=none or --nproc");
}

std::string address(const Names& names, const Environment& environment, bool one_machine) {
  if (const auto written = environment("MASTER_ADDR"); written && !written->empty())
    return *written;
  if (&names == &slurm) {
    for (const char* name : {"SLURM_STEP_NODELIST", "SLURM_NODELIST"}) {
      if (const auto list = environment(name)) return first_host(*list);
    }
  }
  if (&names == &mpi && one_machine) return "127.0.0.1";
  throw Error(ErrorKind::config, std::string(names.world_size) + " is " +
                                     environment(names.world_size).value_or("") +
                                     " in the environment, and MASTER_ADDR is not set")
      .help("set MASTER_ADDR to the host of rank 0, as torchrun does; or use --launcher=none");
}

int slurm_restarts(const Environment& environment) {
  return number_in(environment, slurm.restart_count, 0, most_ranks, 0);
}

// 1 for node 3 of SLURM's list of tasks "2(x3),1"; nodes count from 0.
int tasks_on_node(const std::string& counts, int node) {
  std::istringstream entries(counts);
  int first = 0;  // node of the entry
  for (std::string entry; std::getline(entries, entry, ',');) {
    const std::size_t times = entry.find("(x");
    const int nodes =
        times == std::string::npos
            ? 1
            : whole_number(slurm_tasks, entry.substr(times + 2, entry.size() - times - 3), 1,
                           most_ranks);
    first += nodes;
    if (node < first) return whole_number(slurm_tasks, entry.substr(0, times), 1, most_ranks);
  }
  throw Error(ErrorKind::config, std::string(slurm_tasks) + " is '" + counts +
                                     "'; it has no node " + std::to_string(node));
}

// SLURM_NTASKS_PER_NODE exists only where the job asked for a number.
int tasks_of_own_node(const Environment& environment, int otherwise) {
  const auto list = environment(slurm_tasks);
  if (!list) return otherwise;
  return tasks_on_node(*list, number_in(environment, "SLURM_NODEID", 0, most_ranks, 0));
}

Ranks ranks_of(const Names& names, const Environment& environment) {
  const auto number = [&](const char* name, int least, int most, std::optional<int> absent) {
    return number_in(environment, name, least, most, absent);
  };
  Ranks ranks{.rank = number(names.rank, 0, most_ranks, {}),
              .world_size = number(names.world_size, 1, most_ranks, {}),
              .local_rank = number(names.local_rank, 0, most_ranks, 0),
              .local_world_size = number(names.local_world_size, 1, most_ranks, 1),
              .launcher = names.launcher,
              .restart_count = number(names.restart_count, 0, most_ranks, 0)};
  if (ranks.rank >= ranks.world_size) {
    throw Error(ErrorKind::config, std::string(names.rank) + " is " + std::to_string(ranks.rank) +
                                       " and " + names.world_size + " is " +
                                       std::to_string(ranks.world_size) +
                                       " in the environment; ranks count from 0");
  }
  if (&names == &slurm)
    ranks.local_world_size = tasks_of_own_node(environment, ranks.local_world_size);
  // A job that SLURM has started again may start its ranks with torchrun or --nproc.
  if (&names != &slurm) ranks.restart_count += slurm_restarts(environment);
  if (!ranks.several()) return ranks;
  ranks.master_address = address(names, environment, ranks.local_world_size == ranks.world_size);
  ranks.master_port = number("MASTER_PORT", 1, largest_port, default_port);
  ranks.launcher_has_store = environment("TORCHELASTIC_USE_AGENT_STORE") == "True";
  if (environment("PINFEED_MASTER_FD") && ranks.rank == 0)
    ranks.listening = number("PINFEED_MASTER_FD", 0, most_ranks, {});
  return ranks;
}

// SLURM sets its variables in batch scripts and in interactive shells too, where one process runs.
bool in_slurm_step(const Environment& environment) {
  const auto tasks = environment("SLURM_STEP_NUM_TASKS");
  return tasks && *tasks != "1" && environment("SLURM_PROCID");
}

}  // namespace

std::string Ranks::text() const {
  return "rank " + std::to_string(rank) + " of " + std::to_string(world_size);
}

Environment process_environment() {
  return [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

std::string first_host(const std::string& node_list) {
  const std::size_t end = node_list.find_first_of(",[");
  if (node_list.empty() || end == 0) {
    throw Error(ErrorKind::config,
                "SLURM's list of nodes is '" + node_list + "'; it names no host");
  }
  if (end == std::string::npos || node_list[end] == ',') return node_list.substr(0, end);
  const std::size_t close = node_list.find(']', end);
  const std::string numbers = node_list.substr(end + 1, close - end - 1);
  const std::string suffix = close == std::string::npos ? "" : node_list.substr(close + 1);
  const std::string rest = suffix.substr(0, suffix.find(','));
  return node_list.substr(0, end) + numbers.substr(0, numbers.find_first_of(",-")) +
         (rest.find('[') == std::string::npos ? rest : first_host("x" + rest).substr(1));
}

Ranks find_ranks(const std::string& launcher, const Environment& environment) {
  if (launcher == "none") return {};
  if (launcher == "pytorch") return ranks_of(pytorch, environment);
  if (launcher == "slurm") return ranks_of(slurm, environment);
  if (launcher == "mpi") return ranks_of(mpi, environment);
  if (launcher != "auto") {
    throw Error(ErrorKind::config, "there is no launcher '" + launcher + "'")
        .help("it is auto, none, pytorch, slurm or mpi");
  }
  const auto world_size = environment("WORLD_SIZE");
  if (world_size && (environment("RANK") || *world_size != "1"))
    return ranks_of(pytorch, environment);
  if (in_slurm_step(environment)) return ranks_of(slurm, environment);
  if (environment("OMPI_COMM_WORLD_SIZE")) return ranks_of(mpi, environment);
  return {.restart_count = slurm_restarts(environment)};
}

}  // namespace pinfeed
