// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Epochs over the whole data set in an order that is computed place by place: it takes no memory,
/// whatever the size.
struct KeyedSampler {
  static constexpr auto name = "KeyedSampler";

  std::optional<std::int64_t> seed = {};
};
void describe(Schema<KeyedSampler>& schema);
Sampler make(const KeyedSampler& params, const SamplerContext& context);

}  // namespace pinfeed
