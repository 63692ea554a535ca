// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "pinfeed/core/tensor.h"

namespace pinfeed {

/// Reads the element of this dtype at `from`. Integers beyond 2^53 lose their low bits. Throws
/// Error(bug) for complex numbers and 8-bit floats.
double read_number(DType dtype, const std::byte* from);
/// Writes the number as an element of this dtype: floats round to nearest even, integers truncate
/// toward zero. Throws Error(bug) for dtypes that batches do not have.
void write_number(DType dtype, double number, std::byte* to);

}  // namespace pinfeed
