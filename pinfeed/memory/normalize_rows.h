// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "pinfeed/memory/kernels.h"

namespace pinfeed {

/// Converts `pixels` pixels of three interleaved bytes to three float32 planes that are `plane`
/// values apart. Uses SIMD; the results equal those of the scalar rule bit for bit.
void normalize_three_planes(const std::uint8_t* from, const PixelRule& rule, std::size_t pixels,
                            float* to, std::size_t plane);

}  // namespace pinfeed
