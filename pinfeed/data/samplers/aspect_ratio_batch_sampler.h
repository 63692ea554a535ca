// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Batches of images that are all portrait (width < height) or all landscape. The last batches of
/// an epoch may mix both.
struct AspectRatioBatchSampler {
  static constexpr auto name = "AspectRatioBatchSampler";

  bool drop_last = false;  // leave out incomplete batches
};
void describe(Schema<AspectRatioBatchSampler>& schema);
BatchSampler make(const AspectRatioBatchSampler& params, const SamplerContext& context);

}  // namespace pinfeed
