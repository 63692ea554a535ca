// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>  // jpeglib.h needs it

#include <jpeglib.h>

#include <cstddef>
#include <span>

namespace pinfeed::image {

/// What libjpeg reads: the bytes of a file in memory, and an end marker behind them. libjpeg points
/// to it, so it must not move.
struct JpegSource : jpeg_source_mgr {
  JpegSource();

  /// Begins a file. Without this, libjpeg would read a file without tables with those of the
  /// previous file.
  void begin(jpeg_decompress_struct& jpeg, std::span<const std::byte> bytes);

  bool ran_out = false;  // libjpeg asked for bytes after the end
};

}  // namespace pinfeed::image
