// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Takes the classes in a shuffled order, and some images of each, so that all classes occur
/// equally often. The images of a class are shuffled too.
struct ClassAwareSampler {
  static constexpr auto name = "ClassAwareSampler";

  std::optional<std::int64_t> seed = {};
  int num_sample_class = 1;  // images of a class at a time
};
void describe(Schema<ClassAwareSampler>& schema);
Sampler make(const ClassAwareSampler& params, const SamplerContext& context);

}  // namespace pinfeed
