// SPDX-License-Identifier: Apache-2.0
// The c10d objects of a ProcessGroup.
#pragma once

#include <set>
#include <string>
#include <torch/csrc/distributed/c10d/ProcessGroup.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

#include "pinfeed/train/distributed/process_group.h"
#include "pinfeed/train/distributed/shared_keys.h"
#include "pinfeed/train/distributed/stall_watch.h"

namespace pinfeed {

struct ProcessGroup::Connection {
  c10::intrusive_ptr<c10d::Store> store = {};
  c10::intrusive_ptr<c10d::Store> second_store = {};  // a connection of its own, for the heartbeats
  c10::intrusive_ptr<c10d::ProcessGroup> group = {};
  c10::intrusive_ptr<c10d::Backend> host = {};    // Gloo, for tensors on the host
  c10::intrusive_ptr<c10d::Backend> device = {};  // NCCL; null without CUDA
  std::set<int> sockets = {};                     // of Gloo
  StallWatch stalls = {};                         // noted with each sign of life

  /// Connects with the store of the ranks, which rank 0 serves unless the launcher does. Throws
  /// Error(system).
  explicit Connection(const ProcessGroupOptions& options);
  /// Connects with the other ranks, which are all there.
  void open(const ProcessGroupOptions& options);
  /// Ends all operations that wait for others, on every thread. Any thread.
  void cut() const;
};

/// The keys of a store.
SharedKeys shared_keys(const c10::intrusive_ptr<c10d::Store>& store);

/// NCCL's backend. Throws Error(config) in a build without it.
c10::intrusive_ptr<c10d::Backend> make_nccl(const c10::intrusive_ptr<c10d::Store>& store,
                                            const ProcessGroupOptions& options);

}  // namespace pinfeed
