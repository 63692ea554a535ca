// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace pinfeed {

struct Dataset;

/// What a sampler is made for.
struct SamplerContext {
  std::int64_t dataset_size = 0;
  int rank = 0;
  int world_size = 1;
  std::uint64_t seed = 0;            // the run's; a sampler's own key 'seed' wins
  const Dataset* dataset = nullptr;  // lives while the sampler is made, not longer
  std::int64_t batch_size = 1;       // for batch samplers
  bool replay = false;               // with upstream's defects
  int num_workers = 0;               // of OpenMMLab; only replay asks
};

/// The order in which one rank sees the data set in one epoch. Lives until its sampler is asked for
/// another one, and no longer than the sampler, which may keep its memory from epoch to epoch.
struct Order {
  std::int64_t size = 0;  // samples of this rank in the epoch
  /// The data set's index at place k of this rank. One thread at a time; any k, ascending is cheap.
  std::function<std::int64_t(std::int64_t k)> at = {};
  /// An order without end: from its beginning on, each so many places hold every sample of the data
  /// set once. 0: there is no such rule.
  std::int64_t round = 0;
};

struct Sampler {
  std::string name = {};
  bool endless = false;  // one stream without epochs: order(0) goes on beyond its size
  std::function<Order(std::int64_t epoch)> order = {};
  bool strided = false;  // place k of a rank is place rank + k * world_size of one order for all
};

/// One rank's order of one epoch, as batches.
struct BatchOrder {
  std::vector<std::int64_t> indices = {};  // of the data set
  std::vector<std::int64_t> ends = {};     // of each batch, as a place in `indices`
};

/// Takes the indices of an order one by one and puts a batch into the BatchOrder when it is full.
using BatchCutter = std::function<void(std::int64_t index, BatchOrder&)>;

/// Samples that only come into batches with each other.
struct BatchKind {
  std::int64_t batch_size = 1;
  std::int64_t samples = 0;  // of the data set
};

/// Makes batches of the order of an epoch. A value, safe from any thread.
struct BatchSampler {
  std::string name = {};
  std::function<BatchOrder(const Order&)> make_batches = {};
  /// For an order without end: a cutter that has seen the whole data set so many times. Which of
  /// its samples still wait for their batch it cannot know: in their places it puts -1.
  std::function<BatchCutter(std::int64_t rounds)> begin = {};
  std::vector<BatchKind> kinds = {};  // what `begin` goes by
};

}  // namespace pinfeed
