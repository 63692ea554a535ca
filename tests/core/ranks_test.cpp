// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/ranks.h"

#include <gtest/gtest.h>

#include <map>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

using Variables = std::map<std::string, std::string>;

Ranks found(const Variables& variables, const std::string& launcher = "auto") {
  return find_ranks(launcher, [&](const std::string& name) -> std::optional<std::string> {
    const auto entry = variables.find(name);
    return entry == variables.end() ? std::nullopt : std::optional(entry->second);
  });
}

std::string refusal(const Variables& variables, const std::string& launcher = "auto") {
  try {
    (void)found(variables, launcher);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    return error.text();
  }
  return "";
}

const Variables torchrun = {{"RANK", "3"},
                            {"WORLD_SIZE", "4"},
                            {"LOCAL_RANK", "1"},
                            {"LOCAL_WORLD_SIZE", "2"},
                            {"MASTER_ADDR", "a"},
                            {"MASTER_PORT", "1234"},
                            {"TORCHELASTIC_RESTART_COUNT", "2"},
                            {"TORCHELASTIC_USE_AGENT_STORE", "True"}};
const Variables step = {{"SLURM_PROCID", "5"},       {"SLURM_STEP_NUM_TASKS", "8"},
                        {"SLURM_LOCALID", "1"},      {"SLURM_NTASKS_PER_NODE", "4"},
                        {"SLURM_NTASKS", "8"},       {"SLURM_STEP_NODELIST", "gpu[03-04]"},
                        {"SLURM_RESTART_COUNT", "1"}};
const Variables open_mpi = {{"OMPI_COMM_WORLD_RANK", "1"},
                            {"OMPI_COMM_WORLD_SIZE", "2"},
                            {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                            {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}};

Variables with(Variables variables, const Variables& more) {
  for (const auto& [name, value] : more) variables[name] = value;
  return variables;
}

TEST(Ranks, AreOneProcessWithoutALauncher) {
  const Ranks alone = found({});
  EXPECT_EQ(alone.rank, 0);
  EXPECT_EQ(alone.world_size, 1);
  EXPECT_EQ(alone.launcher, "none");
  EXPECT_FALSE(alone.several());
  EXPECT_EQ(found(torchrun, "none").world_size, 1);
}

TEST(Ranks, AreThoseOfTorchrunWhateverElseIsSet) {
  const Ranks ranks = found(with(with(step, open_mpi), torchrun));
  EXPECT_EQ(ranks.text(), "rank 3 of 4");
  EXPECT_EQ(ranks.local_rank, 1);
  EXPECT_EQ(ranks.local_world_size, 2);
  EXPECT_EQ(ranks.master_address, "a");
  EXPECT_EQ(ranks.master_port, 1234);
  EXPECT_EQ(ranks.restart_count, 3);  // torchrun has started them again twice, SLURM once
  EXPECT_EQ(found(torchrun).restart_count, 2);
  EXPECT_EQ(ranks.launcher, "pytorch");
  EXPECT_TRUE(ranks.launcher_has_store);
}

TEST(Ranks, AreThoseOfSlurmInsideAStepOfSeveralTasks) {
  const Ranks ranks = found(step);
  EXPECT_EQ(ranks.text(), "rank 5 of 8");
  EXPECT_EQ(ranks.local_rank, 1);
  EXPECT_EQ(ranks.master_address, "gpu03");
  EXPECT_EQ(ranks.master_port, 29500);
  EXPECT_EQ(ranks.restart_count, 1);
  EXPECT_EQ(ranks.launcher, "slurm");
  EXPECT_FALSE(ranks.launcher_has_store);
  EXPECT_EQ(ranks.local_world_size, 4);
  EXPECT_EQ(found(with(step, {{"SLURM_STEP_TASKS_PER_NODE", "3,5"}, {"SLURM_NODEID", "1"}}))
                .local_world_size,
            5);
  EXPECT_EQ(found(with(step, {{"SLURM_STEP_NUM_TASKS", "1"}})).world_size, 1);
  // A batch script.
  EXPECT_EQ(found({{"SLURM_PROCID", "0"}, {"SLURM_NTASKS", "8"}}).world_size, 1);
}

TEST(Ranks, OfAJobThatSlurmHasStartedAgainKnowIt) {
  const Variables again = {{"SLURM_RESTART_COUNT", "1"}};
  EXPECT_EQ(found(again).world_size, 1);
  EXPECT_EQ(found(again).restart_count, 1);
  EXPECT_EQ(found(again, "none").restart_count, 0);
  EXPECT_EQ(found(with(open_mpi, again)).restart_count, 1);
}

TEST(Ranks, OfANodeAreCountedInSlurmsList) {
  const auto tasks = [](const std::string& list, int node) {
    return found(with(step, {{"SLURM_STEP_TASKS_PER_NODE", list},
                             {"SLURM_NODEID", std::to_string(node)}}))
        .local_world_size;
  };
  EXPECT_EQ(tasks("4", 0), 4);
  EXPECT_EQ(tasks("2(x3),1", 2), 2);
  EXPECT_EQ(tasks("2(x3),1", 3), 1);
  EXPECT_THROW(tasks("2(x3),1", 4), Error);
  EXPECT_THROW(tasks("", 0), Error);
  EXPECT_THROW(tasks("2(x", 0), Error);
}

TEST(Ranks, AreThoseOfOpenMpi) {
  const Ranks ranks = found(open_mpi);
  EXPECT_EQ(ranks.text(), "rank 1 of 2");
  EXPECT_EQ(ranks.master_address, "127.0.0.1");
  EXPECT_EQ(ranks.launcher, "mpi");
  EXPECT_EQ(found(with(step, open_mpi)).launcher, "slurm");
  EXPECT_EQ(found(with(step, open_mpi), "mpi").launcher, "mpi");
  EXPECT_EQ(found(with(open_mpi, {{"MASTER_ADDR", "b"}})).master_address, "b");
}

TEST(Ranks, AreRefusedWhereAVariableIsMissingOrWrong) {
  EXPECT_EQ(refusal({{"RANK", "0"}, {"WORLD_SIZE", "2"}}),
            "WORLD_SIZE is 2 in the environment, and MASTER_ADDR is not set");
  EXPECT_EQ(refusal(with(torchrun, {{"RANK", "4"}})),
            "RANK is 4 and WORLD_SIZE is 4 in the environment; ranks count from 0");
  EXPECT_EQ(refusal(with(torchrun, {{"RANK", "one"}})),
            "RANK is 'one' in the environment; it must be a number from 0 to 1000000");
  EXPECT_EQ(refusal(with(torchrun, {{"MASTER_PORT", "0"}})),
            "MASTER_PORT is '0' in the environment; it must be a number from 1 to 65535");
  EXPECT_EQ(refusal({{"WORLD_SIZE", "2"}}), "RANK is not set in the environment");
  EXPECT_EQ(refusal({}, "pytorch"), "RANK is not set in the environment");
  EXPECT_EQ(refusal({}, "slurm"), "SLURM_PROCID is not set in the environment");
  EXPECT_EQ(refusal({}, "ssh"), "there is no launcher 'ssh'");
  EXPECT_EQ(refusal(with(open_mpi, {{"OMPI_COMM_WORLD_LOCAL_SIZE", "1"}})),
            "OMPI_COMM_WORLD_SIZE is 2 in the environment, and MASTER_ADDR is not set");
}

TEST(Ranks, FindTheFirstHostOfAList) {
  EXPECT_EQ(first_host("a"), "a");
  EXPECT_EQ(first_host("a,b"), "a");
  EXPECT_EQ(first_host("node[3]"), "node3");
  EXPECT_EQ(first_host("node[007-012,20],x"), "node007");
  EXPECT_EQ(first_host("rack[1,3]-n[5-6]"), "rack1-n5");
  EXPECT_EQ(first_host("n[1-2].cluster,m"), "n1.cluster");
  EXPECT_THROW(first_host(""), Error);
}

}  // namespace
}  // namespace pinfeed
