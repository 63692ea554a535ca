// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace pinfeed {

struct Dataset;

/// What a sampler may need besides its keys.
struct SamplerContext {
  std::int64_t dataset_size = 0;
  int rank = 0;
  int world_size = 1;
  std::uint64_t seed = 0;            // of the run; a sampler's own key 'seed' takes precedence
  const Dataset* dataset = nullptr;  // valid only while the sampler is made
  std::int64_t batch_size = 1;       // for batch samplers
  bool replay = false;               // reproduce upstream exactly, including its defects
  int num_workers = 0;               // workers of the OpenMMLab config; only used by replay
};

/// The order in which one rank reads the data set in one epoch. Valid until its sampler returns
/// another one, and no longer than the sampler.
struct Order {
  std::int64_t size = 0;  // samples of this rank in the epoch
  /// The index in the data set of the k-th sample of this rank. For one thread at a time. Any k is
  /// allowed; ascending order is fast.
  std::function<std::int64_t(std::int64_t k)> at = {};
  /// For an infinite order: every sample of the data set occurs once in each group of `round`
  /// consecutive positions, counted from the start. 0: unknown.
  std::int64_t round = 0;
};

struct Sampler {
  std::string name = {};
  bool endless = false;  // one stream without epochs: order(0) continues beyond its size
  std::function<Order(std::int64_t epoch)> order = {};
  bool strided = false;  // position k of a rank is position rank + k * world_size of a common order
};

/// One rank's order of one epoch, divided into batches.
struct BatchOrder {
  std::vector<std::int64_t> indices = {};  // of the data set
  std::vector<std::int64_t> ends = {};     // of each batch, as a position in `indices`
};

/// Takes the indices of an order one by one and adds a batch to the BatchOrder when it is full.
using BatchAssembler = std::function<void(std::int64_t index, BatchOrder&)>;

/// A group of samples that share batches only with each other.
struct BatchKind {
  std::int64_t batch_size = 1;
  std::int64_t samples = 0;  // in the data set
};

/// Divides the order of an epoch into batches. A value; safe to call from any thread.
struct BatchSampler {
  std::string name = {};
  std::function<BatchOrder(const Order&)> make_batches = {};
  /// For an infinite order: a function in the state after `rounds` passes over the data set. It
  /// does not know which samples are still waiting for their batch; -1 stands for each of them.
  std::function<BatchAssembler(std::int64_t rounds)> begin = {};
  std::vector<BatchKind> kinds = {};  // the groups that `begin` assumes
};

}  // namespace pinfeed
