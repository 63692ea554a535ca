// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace pinfeed {

/// The size of a cache line on x86-64 and on most 64-bit ARM processors. Buffers and the parts of
/// a batch begin at multiples of it, so that two threads never write to one line and vector
/// instructions may use aligned stores.
constexpr std::size_t cache_line_bytes = 64;

}  // namespace pinfeed
