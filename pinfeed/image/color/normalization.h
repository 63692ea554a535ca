// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

namespace pinfeed::image {

/// Means and standard deviations of the channels, in the order of the result; to_rgb reverses BGR
/// before they are applied.
/// y = float32(double(float32(x - mean)) * (1 / double(std))) (docs/specs/openmmlab-data.md, 4.9).
struct Normalization {
  std::array<float, 3> mean = {};
  std::array<float, 3> std = {1.0F, 1.0F, 1.0F};
  bool to_rgb = true;

  bool operator==(const Normalization&) const = default;
};

}  // namespace pinfeed::image
