// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pinfeed/data/random_context.h"
#include "pinfeed/data/sample.h"

namespace pinfeed {

/// The samples that CachedMosaic and CachedMixUp choose from, the current one included: under
/// replay those in the worker's cache, in keyed mode those just before it in its rank's order of
/// the epoch.
class EarlierSamples {
 public:
  /// Adds the sample to the cache, which holds at most `max_cached` samples.
  EarlierSamples(const Sample& sample, int max_cached, bool random_pop, RandomContext& random);

  std::int64_t count() const { return count_; }
  /// A random sample, all but the newest being equally likely. count() must be at least 2. Throws
  /// Error(data) if the chosen sample was dropped by its pipeline.
  Sample choose(RandomContext& random) const;

 private:
  std::int64_t count_ = 0;
};

}  // namespace pinfeed
