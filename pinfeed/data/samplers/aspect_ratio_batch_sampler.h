// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Batches of images that are all upright or all lying.
struct AspectRatioBatchSampler {
  static constexpr auto name = "AspectRatioBatchSampler";

  bool drop_last = false;
};
void describe(Schema<AspectRatioBatchSampler>& schema);
BatchSampler make(const AspectRatioBatchSampler& params, const SamplerContext& context);

}  // namespace pinfeed
