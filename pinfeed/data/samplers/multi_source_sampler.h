// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// One stream of batches; each has a fixed number of images of each data set of a ConcatDataset.
struct MultiSourceSampler {
  static constexpr auto name = "MultiSourceSampler";

  std::int64_t batch_size = 1;
  std::vector<double> source_ratio = {};  // of the images of a batch, one number for each data set
  bool shuffle = true;
  std::optional<std::int64_t> seed = {};
};
void describe(Schema<MultiSourceSampler>& schema);
Sampler make(const MultiSourceSampler& params, const SamplerContext& context);

/// Whether all images are in one group, or portrait and landscape images are in two.
enum class SourceGroups { one, by_shape };

/// The sampler with this name. Each batch is of one group.
Sampler make_multi_source(const MultiSourceSampler& params, const SamplerContext& context,
                          const std::string& name, SourceGroups groups);

}  // namespace pinfeed
