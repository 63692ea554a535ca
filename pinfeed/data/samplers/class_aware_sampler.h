// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Shuffled classes, and of each some of its shuffled images: every class comes as often.
struct ClassAwareSampler {
  static constexpr auto name = "ClassAwareSampler";

  std::optional<std::int64_t> seed = {};
  int num_sample_class = 1;  // images of a class at a time
};
void describe(Schema<ClassAwareSampler>& schema);
Sampler make(const ClassAwareSampler& params, const SamplerContext& context);

}  // namespace pinfeed
