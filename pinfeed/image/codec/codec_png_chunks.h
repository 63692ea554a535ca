// SPDX-License-Identifier: Apache-2.0
// The chunks of a PNG file: a length, a name of four letters, the contents, and a checksum.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

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

/// Four bytes at an offset as a number.
std::uint32_t png_word(Bytes bytes, std::size_t at);

/// Notes what a chunk says about the orientation. Chunks with a wrong checksum are ignored, as
/// libpng does.
void note_metadata(const HeaderBytes& bytes, const PngChunk& chunk, bool before_pixels,
                   OrientationNotes& notes);

/// The same for the chunks behind the pixels, the first of which are at `at`, up to IEND.
void note_metadata_behind(const HeaderBytes& bytes, std::uint64_t at, OrientationNotes& notes);

/// What a decoder does not find in a whole file, because it stops after the last row.
struct PngEnd {
  bool complete = false;         // the file ends with a whole IEND chunk
  bool short_last_idat = false;  // the checksum of the pixels may be split between two IDAT chunks
};

/// Throws Error(data) if one of the chunks that pixels depend on is complete and has a wrong
/// checksum.
PngEnd checked_end(Bytes file);

/// The file with four bytes behind the contents of its last IDAT chunk. Behind a whole stream of
/// compressed pixels decoders ignore them. Where the end of the stream is missing, they are read as
/// its checksum, and it is wrong.
std::vector<std::byte> with_bytes_behind_pixels(Bytes file);

/// The chunks that pixels depend on, with the contents of all IDAT chunks in one, so that metadata
/// uses no memory and the decoder reads the checksum behind the last row with that row.
std::vector<std::byte> joined_pixels(Bytes file);

}  // namespace pinfeed::image
