// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/numa.h"

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

namespace pinfeed {
namespace {

// glibc has no wrapper for this system call.
bool set_policy(int policy, const unsigned long* nodes, unsigned long count) {
  return ::syscall(SYS_set_mempolicy, policy, nodes, count) == 0;
}

}  // namespace

MemoryNode::MemoryNode(std::optional<int> node) {
  constexpr int most = sizeof(unsigned long) * CHAR_BIT;
  if (!node || *node < 0 || *node >= most) return;
  const unsigned long nodes = 1UL << static_cast<unsigned>(*node);
  set_ = set_policy(MPOL_PREFERRED, &nodes, most);
}

MemoryNode::~MemoryNode() {
  if (set_) set_policy(MPOL_DEFAULT, nullptr, 0);
}

}  // namespace pinfeed
