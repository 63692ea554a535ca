// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

namespace pinfeed {

/// During its lifetime, pages that the calling thread touches first come from this NUMA node if
/// possible. Does nothing without a node, or if the system has no NUMA nodes.
class MemoryNode {
 public:
  explicit MemoryNode(std::optional<int> node);
  MemoryNode(const MemoryNode&) = delete;
  MemoryNode& operator=(const MemoryNode&) = delete;
  ~MemoryNode();

 private:
  bool set_ = false;
};

}  // namespace pinfeed
