// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pinfeed/data/random_context.h"
#include "pinfeed/data/sample.h"

namespace pinfeed {

/// The samples that a cached step has to choose from, its own among them: kept in the stream under
/// replay; the ones before it in the epoch's order otherwise, which no thread has to remember.
class EarlierSamples {
 public:
  /// Remembers the sample. `most` samples are kept.
  EarlierSamples(const Sample& sample, int most, bool random_pop, RandomContext& random);

  std::int64_t count() const { return count_; }
  /// One of all but the last, drawn evenly. There must be two.
  Sample drawn(RandomContext& random) const;

 private:
  std::int64_t count_ = 0;
};

}  // namespace pinfeed
