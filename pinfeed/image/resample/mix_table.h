// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "pinfeed/image/resample/resample.h"
#include "pinfeed/image/resample/row_kernels.h"

namespace pinfeed::image {

/// Makes the table of a row with these column taps. The kernel may read `row_bytes` of the row.
/// Returns false if no window of 16 bytes fits (a short row, or taps far apart in an image that
/// does not have three channels), or if two rounded weights do not add up to 2048.
bool make_mix_table(std::span<const Tap> columns, int channels, std::ptrdiff_t row_bytes,
                    MixTable& table);

}  // namespace pinfeed::image
