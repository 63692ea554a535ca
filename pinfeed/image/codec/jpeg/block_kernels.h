// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "pinfeed/image/codec/jpeg/block_code.h"

namespace pinfeed::image::jpeg {

using Quantiser = std::array<std::uint16_t, block_values>;  // natural order

/// Blocks of one row of a component, one behind the other.
struct BlockRun {
  const std::uint8_t* from = nullptr;  // a block at which DC differences begin
  /// A block may begin up to here: `readable_behind` bytes are readable from any such place.
  const std::uint8_t* last = nullptr;
  int skip = 0;   // blocks before the first one that is wanted, fewer than chunk_blocks
  int count = 0;  // blocks that are wanted
};

/// Bytes behind the samples of a run that decode_blocks() may overwrite.
constexpr std::size_t overwritten_samples = 64;

/// Dequantises and transforms the blocks of the run, as libjpeg-turbo's vector code does with
/// JDCT_ISLOW. Writes 8 rows of 8 x count samples. Returns the byte behind the last block; null if
/// the bytes are no blocks: then the samples are unspecified.
const std::uint8_t* decode_blocks(const BlockRun& run, const Quantiser& quantiser, std::uint8_t* to,
                                  std::ptrdiff_t row_bytes);

/// Blocks behind those of transform_blocks() that must be readable.
constexpr std::size_t readable_blocks = 3;

/// The same for `count` blocks of 64 coefficients in natural order, one behind the other.
void transform_blocks(const std::int16_t* blocks, std::size_t count, const Quantiser& quantiser,
                      std::uint8_t* to, std::ptrdiff_t row_bytes);

}  // namespace pinfeed::image::jpeg
