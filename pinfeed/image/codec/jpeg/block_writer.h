// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "pinfeed/image/codec/jpeg/block_code.h"

namespace pinfeed::image::jpeg {

/// Writes blocks of quantised coefficients (64 each, natural order) in the form of block_code.h: a
/// chunk, of at most `chunk_blocks`. Returns the byte behind it. `to` must have max_block_bytes for
/// each block and `readable_behind` bytes more.
std::uint8_t* write_chunk(const std::int16_t* blocks, std::size_t count, std::uint8_t* to);

}  // namespace pinfeed::image::jpeg
