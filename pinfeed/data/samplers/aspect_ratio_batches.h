// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pinfeed/data/sampler.h"

namespace pinfeed {

struct Dataset;

/// Which images may share a batch: those of one source that are all portrait (width < height) or
/// all landscape.
struct AspectRatioRule {
  std::vector<std::int64_t> source_ends = {};  // index after the last image of each source
  std::vector<std::int64_t> batch_sizes = {};  // of each source
  bool drop_last = false;
  bool as_upstream = false;  // drop the last batch of the remaining images even if it is full
};

/// The batch sampler with this name and rule. It keeps the class of each image, not the data set.
BatchSampler make_aspect_ratio_batches(const std::string& name, const Dataset& dataset,
                                       const AspectRatioRule& rule);

}  // namespace pinfeed
