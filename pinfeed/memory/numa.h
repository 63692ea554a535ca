// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

namespace pinfeed {

/// During its lifetime, pages that the calling thread touches first come from this NUMA node if
/// possible. Does nothing without a node, or if the system has no NUMA nodes. The destructor
/// restores the thread's policy, for example that of numactl.
class MemoryNode {
 public:
  explicit MemoryNode(std::optional<int> node);
  MemoryNode(const MemoryNode&) = delete;
  MemoryNode& operator=(const MemoryNode&) = delete;
  ~MemoryNode();

 private:
  // A policy of the system: its mode and its nodes, one bit each.
  struct Policy {
    int mode = 0;
    std::array<unsigned long, 16> nodes = {};
  };
  std::optional<Policy> before_ = {};  // if the policy was changed
};

}  // namespace pinfeed
