// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "pinfeed/data/transforms.h"

namespace pinfeed {

/// Puts the sample and three others around a centre that is drawn here.
void make_mosaic(const Mosaic& params, Sample& sample, const std::array<Sample, 3>& others,
                 Draw& draw);

/// Mixes the sample with another; one without boxes changes nothing.
void mix_up(const MixUp& params, Sample& sample, const Sample& other, Draw& draw);

/// What both check of their keys.
void check_whole(double pad_val, const char* step);

/// The samples that a cached step has to choose from, its own among them: kept in the stream under
/// replay; the ones before it in the epoch's order otherwise, which no thread has to remember.
class EarlierSamples {
 public:
  /// Remembers the sample. `most` samples are kept.
  EarlierSamples(const Sample& sample, int most, bool random_pop, Draw& draw);

  std::int64_t count() const { return count_; }
  /// One of all but the last, drawn evenly. There must be two.
  Sample drawn(Draw& draw) const;

 private:
  std::int64_t count_ = 0;
};

}  // namespace pinfeed
