// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace pinfeed {

/// What a sampler is made for.
struct SamplerContext {
  std::int64_t dataset_size = 0;
  int rank = 0;
  int world_size = 1;
  std::uint64_t seed = 0;  // the run's; a sampler's own key 'seed' wins
};

/// The order in which one rank sees the data set in one epoch.
struct Order {
  std::int64_t size = 0;  // samples of this rank in the epoch
  /// The data set's index at place k of this rank. One thread at a time; any k, ascending is cheap.
  std::function<std::int64_t(std::int64_t k)> at = {};
};

struct Sampler {
  std::string name = {};
  bool endless = false;  // one stream without epochs: order(0) goes on beyond its size
  std::function<Order(std::int64_t epoch)> order = {};
};

}  // namespace pinfeed
