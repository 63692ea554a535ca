// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include "pinfeed/data/sampler.h"

namespace pinfeed {

/// An order without end, cut into batches as they are asked for. Keeps the latest of them. Others
/// are found by cutting anew: from the beginning on, or where the order comes in rounds, from a
/// round shortly before, because so many whole rounds hold a known number of batches.
class StreamingBatcher {
 public:
  /// The batch sampler has a `begin`.
  StreamingBatcher(Order order, BatchSampler sampler);

  /// The first place of a batch, and the one behind its last.
  std::pair<std::int64_t, std::int64_t> places_of(std::int64_t batch);
  /// The data set's index at a place of the batches in a row.
  std::int64_t at(std::int64_t position);

 private:
  struct Count {
    std::int64_t batches = 0;
    std::int64_t places = 0;
  };
  Count cut_from(std::int64_t rounds) const;
  std::int64_t rounds_before(std::int64_t batch) const;
  std::int64_t rounds_for(std::int64_t position) const;
  void restart(std::int64_t rounds);
  void take_one();
  void forget(std::int64_t most);

  Order order_;
  BatchSampler sampler_;
  std::int64_t warming_ = 0;  // rounds until no kind of sample has unknown ones waiting
  BatchAssembler cutter_;
  std::int64_t taken_ = 0;  // of the order
  Count forgotten_ = {};    // before the first batch that is kept
  BatchOrder kept_ = {};
};

}  // namespace pinfeed
