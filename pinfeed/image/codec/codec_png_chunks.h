// SPDX-License-Identifier: Apache-2.0
// The chunks of a PNG file: a length, a name of four letters, the contents, and a checksum.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "pinfeed/image/codec/codec_exif.h"
#include "pinfeed/image/codec/codec_parts.h"

namespace pinfeed::image {

constexpr std::uint64_t png_signature_bytes = 8;

struct PngChunk {
  std::array<char, 4> name = {};
  std::uint64_t length = 0;    // of the contents
  std::uint64_t contents = 0;  // offset
  std::uint64_t next = 0;      // offset after the checksum; may lie beyond the end of the file

  bool is(std::string_view other) const {
    return std::string_view(name.data(), name.size()) == other;
  }
};

/// The chunk at an offset; empty if the file ends within its length or name.
std::optional<PngChunk> png_chunk(const HeaderBytes& bytes, std::uint64_t at);

/// Notes what a chunk says about the orientation. Chunks with a wrong checksum are ignored, as
/// libpng does.
void note_metadata(const HeaderBytes& bytes, const PngChunk& chunk, bool before_pixels,
                   OrientationNotes& notes);

/// The same for the chunks behind the pixels, the first of which are at `at`, up to IEND.
void note_metadata_behind(const HeaderBytes& bytes, std::uint64_t at, OrientationNotes& notes);

/// Whether the file has all of its last IDAT chunk. Throws Error(data) if one of the chunks that
/// pixels depend on is complete and has a wrong checksum. A decoder would not find all of these: it
/// stops after the last row.
bool has_all_pixel_data(Bytes file);

}  // namespace pinfeed::image
