// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include "pinfeed/data/sampler.h"

namespace pinfeed {

/// The batches that a batch sampler makes from an endless order, computed on demand. Positions
/// count the samples of all batches in a row. Recent batches are cached; others are computed again.
/// One thread at a time.
class StreamingBatcher {
 public:
  /// The batch sampler must have a `begin`.
  StreamingBatcher(Order order, BatchSampler sampler);

  /// The first position of a batch, and the position behind its last.
  std::pair<std::int64_t, std::int64_t> batch_range(std::int64_t batch);
  /// The data set's index at a position.
  std::int64_t at(std::int64_t position);

 private:
  struct Count {
    std::int64_t batches = 0;
    std::int64_t positions = 0;
  };
  Count count_in_rounds(std::int64_t rounds) const;
  std::int64_t rounds_before(std::int64_t batch) const;
  std::int64_t start_round_for(std::int64_t position) const;
  void restart_at(std::int64_t rounds);
  void read_next_index();
  void drop_old_batches(std::int64_t positions_to_keep);

  Order order_;
  BatchSampler sampler_;
  std::int64_t warmup_rounds_ = 0;  // after so many rounds all samples in the batches are known
  BatchAssembler batch_maker_;
  std::int64_t read_ = 0;  // indices of the order
  Count dropped_ = {};     // before the first cached batch
  BatchOrder cached_ = {};
};

}  // namespace pinfeed
