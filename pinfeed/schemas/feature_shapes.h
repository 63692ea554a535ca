// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace pinfeed {

/// The channels and strides (in pixels) of feature maps, the finest first.
struct FeatureShapes {
  std::vector<int> channels = {};
  std::vector<int> strides = {};
};

}  // namespace pinfeed
