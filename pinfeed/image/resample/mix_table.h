// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "pinfeed/image/resample/resample.h"
#include "pinfeed/image/resample/row_kernels.h"

namespace pinfeed::image {

/// Makes the table of a row whose pixels are mixed as `columns` say. `row_bytes` may be read.
/// Answers false where no window fits (a short row, pixels far apart that have not three channels)
/// or where two weights do not add up to one because of their rounding.
bool make_mix_table(std::span<const Tap> columns, int channels, std::ptrdiff_t row_bytes,
                    MixTable& table);

}  // namespace pinfeed::image
