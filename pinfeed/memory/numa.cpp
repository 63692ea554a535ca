// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/numa.h"

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

namespace pinfeed {
namespace {

// glibc has no wrappers for these system calls. The count of bits is one more than those that the
// system reads.
template <std::size_t words>
constexpr unsigned long bit_count(const std::array<unsigned long, words>&) {
  return words * sizeof(unsigned long) * CHAR_BIT + 1;
}

template <class Policy>
bool set_policy(const Policy& policy) {
  return ::syscall(SYS_set_mempolicy, policy.mode, policy.nodes.data(), bit_count(policy.nodes)) ==
         0;
}

template <class Policy>
bool read_policy(Policy& policy) {
  return ::syscall(SYS_get_mempolicy, &policy.mode, policy.nodes.data(), bit_count(policy.nodes),
                   nullptr, 0) == 0;
}

}  // namespace

MemoryNode::MemoryNode(std::optional<int> node) {
  constexpr int word_bits = sizeof(unsigned long) * CHAR_BIT;
  Policy policy;
  const int most = static_cast<int>(policy.nodes.size()) * word_bits;
  if (!node || *node < 0 || *node >= most || !read_policy(policy)) return;
  Policy preferred{.mode = MPOL_PREFERRED};
  preferred.nodes[static_cast<std::size_t>(*node / word_bits)] =
      1UL << static_cast<unsigned>(*node % word_bits);
  if (set_policy(preferred)) before_ = policy;
}

MemoryNode::~MemoryNode() {
  if (before_) set_policy(*before_);
}

}  // namespace pinfeed
