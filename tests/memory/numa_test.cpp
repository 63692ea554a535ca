// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/numa.h"

#include <gtest/gtest.h>
#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <climits>

namespace pinfeed {
namespace {

struct Policy {
  int mode = -1;  // -1: the system does not say
  unsigned long nodes = 0;
};

Policy policy_of_this_thread() {
  Policy policy;
  std::array<unsigned long, 16> nodes = {};
  constexpr unsigned long most = sizeof(nodes) * CHAR_BIT + 1;
  if (::syscall(SYS_get_mempolicy, &policy.mode, nodes.data(), most, nullptr, 0) != 0) return {};
  policy.nodes = nodes[0];
  return policy;
}

class MemoryNodes : public testing::Test {
 protected:
  void SetUp() override {
    if (policy_of_this_thread().mode != MPOL_DEFAULT) GTEST_SKIP() << "no say in NUMA nodes here";
  }
};

TEST_F(MemoryNodes, PreferTheNodeDuringTheirLifetime) {
  {
    const MemoryNode node(0);
    const Policy policy = policy_of_this_thread();
    if (policy.mode == MPOL_DEFAULT) GTEST_SKIP() << "the system refuses memory policies";
    EXPECT_EQ(policy.mode, MPOL_PREFERRED);
    EXPECT_EQ(policy.nodes, 1U);
  }
  EXPECT_EQ(policy_of_this_thread().mode, MPOL_DEFAULT);
}

TEST_F(MemoryNodes, RestoreThePolicyOfNumactl) {
  const unsigned long first = 1;
  if (::syscall(SYS_set_mempolicy, MPOL_INTERLEAVE, &first, 2) != 0) {
    GTEST_SKIP() << "the system refuses memory policies";
  }
  { const MemoryNode node(0); }
  const Policy after = policy_of_this_thread();
  ::syscall(SYS_set_mempolicy, MPOL_DEFAULT, nullptr, 0);
  EXPECT_EQ(after.mode, MPOL_INTERLEAVE);
  EXPECT_EQ(after.nodes, first);
}

TEST_F(MemoryNodes, AreNotSetWithoutANode) {
  for (const std::optional<int> node :
       {std::optional<int>(), std::optional(-1), std::optional(9999)}) {
    const MemoryNode none(node);
    EXPECT_EQ(policy_of_this_thread().mode, MPOL_DEFAULT);
  }
}

}  // namespace
}  // namespace pinfeed
