// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// One stream of batches that hold so many images of each data set of a ConcatDataset.
struct MultiSourceSampler {
  static constexpr auto name = "MultiSourceSampler";

  std::int64_t batch_size = 1;
  std::vector<double> source_ratio = {};  // parts of a batch, of each data set
  bool shuffle = true;
  std::optional<std::int64_t> seed = {};
};
void describe(Schema<MultiSourceSampler>& schema);
Sampler make(const MultiSourceSampler& params, const SamplerContext& context);

}  // namespace pinfeed
