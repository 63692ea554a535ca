// SPDX-License-Identifier: Apache-2.0
// The menu of samplers. Each: a struct of parameters, `describe`, `make`, and its name in the list
// at the end. Source: specs data 3.
#pragma once

#include <cstdint>
#include <optional>
#include <tuple>

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

/// One stream without epochs: one shuffled order after the other, dealt out to the ranks.
struct InfiniteSampler {
  static constexpr auto name = "InfiniteSampler";

  bool shuffle = true;
  std::optional<std::int64_t> seed = {};  // the run's when absent
};
void describe(Schema<InfiniteSampler>& schema);
Sampler make(const InfiniteSampler& params, const SamplerContext& context);

using BuiltinSamplers = std::tuple<DefaultSampler, InfiniteSampler>;

}  // namespace pinfeed
