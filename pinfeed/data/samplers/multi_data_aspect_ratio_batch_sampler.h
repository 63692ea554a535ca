// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// AspectRatioBatchSampler whose batches have images of one data set of a ConcatDataset each.
struct MultiDataAspectRatioBatchSampler {
  static constexpr auto name = "MultiDataAspectRatioBatchSampler";

  std::vector<std::int64_t> batch_size = {};  // of each data set
  std::int64_t num_datasets = 1;
  bool drop_last = true;
};
void describe(Schema<MultiDataAspectRatioBatchSampler>& schema);
BatchSampler make(const MultiDataAspectRatioBatchSampler& params, const SamplerContext& context);

}  // namespace pinfeed
