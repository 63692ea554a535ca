// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Epochs over the whole data set, shuffled by seed + epoch, dealt out to the ranks one by one.
struct DefaultSampler {
  static constexpr auto name = "DefaultSampler";

  bool shuffle = true;
  std::optional<std::int64_t> seed = {};  // the run's when absent
  bool round_up = true;  // ranks of equal length; the head of the order fills the gap
};
void describe(Schema<DefaultSampler>& schema);
Sampler make(const DefaultSampler& params, const SamplerContext& context);

}  // namespace pinfeed
