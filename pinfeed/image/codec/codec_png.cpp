// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <spng.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/image/codec/codec_exif.h"
#include "pinfeed/image/codec/codec_parts.h"
#include "pinfeed/image/codec/codec_png_chunks.h"

namespace pinfeed::image {
namespace {

struct Free {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, Free>;

// libspng reads compressed bytes in large pieces, so the number of complete rows is not known.
bool ends_early(int code) {
  return code == SPNG_IO_EOF || code == SPNG_IO_ERROR || code == SPNG_EIDAT_TOO_SHORT;
}

std::string reason_text(int code) {
  if (code != SPNG_EIDAT_STREAM) return spng_strerror(code);
  return "the checksum of its pixels is wrong, or they cannot be decompressed";
}

[[noreturn]] void throw_png(int code, Bytes bytes) {
  if (code == SPNG_EMEM) throw Error(ErrorKind::system, "no memory for a PNG decoder");
  if (!ends_early(code)) {
    throw Error(ErrorKind::data, "PNG cannot be decoded: " + reason_text(code));
  }
  throw Error(ErrorKind::data, fmt::format("PNG ends early: the file has {} bytes", bytes.size()))
      .ends_at(bytes.size());
}

// Chunks that pixels do not depend on are texts, colour profiles and the like. libspng inflates
// and keeps them; libpng, which OpenCV uses, skips those that are too large. A file whose chunks
// exceed the limit is decoded without them.
constexpr std::size_t metadata_limit = std::size_t{4} << 20U;  // bytes, inflated

Context opened(Bytes bytes) {
  Context context(spng_ctx_new(0));
  if (!context) throw Error(ErrorKind::system, "no memory for a PNG decoder");
  spng_set_chunk_limits(context.get(), metadata_limit, metadata_limit);
  // Without checksums of chunks libspng would not check the one of the pixels (zlib) either.
  spng_set_crc_action(context.get(), SPNG_CRC_ERROR, SPNG_CRC_DISCARD);
  spng_set_png_buffer(context.get(), bytes.data(), bytes.size());
  return context;
}

void swap_channels(std::byte* row, int width) {
  for (int x = 0; x < width; ++x, row += 3) std::swap(row[0], row[2]);
}

// Decodes row by row, so that the rows before a truncation are kept. Interlaced files visit rows
// more than once.
int decode_rows(spng_ctx* context, const ImageView& out) {
  const auto bytes = static_cast<std::size_t>(out.width) * 3;
  spng_row_info info = {};
  int code = 0;
  while ((code = spng_get_row_info(context, &info)) == 0) {
    code = spng_decode_row(context, out.row(static_cast<int>(info.row_num)), bytes);
    if (code != 0) break;
  }
  return code;
}

// Of the depth and the colour type of the IHDR chunk. Pillow clips 16-bit grey, OpenCV keeps the
// high bytes; mmcv blends images of Pillow's type grey with alpha
// (docs/specs/openmmlab-data.md, 4.1).
std::string_view unusual_colors(std::byte depth, std::byte type) {
  constexpr std::byte grey{0};
  constexpr std::byte grey_with_alpha{4};
  if (type == grey && depth == std::byte{16}) return "16-bit grey";
  if (type == grey_with_alpha && depth == std::byte{8}) return "grey with alpha";
  return {};
}

}  // namespace

std::optional<Header> png_header(const HeaderBytes& bytes) {
  Header header{.format = Format::png};
  OrientationNotes notes;
  bool has_header = false;
  for (std::uint64_t at = png_signature_bytes;;) {
    const std::optional<PngChunk> chunk = png_chunk(bytes, at);
    if (!chunk) return std::nullopt;
    if (chunk->is("IDAT") || chunk->is("IEND")) {
      if (!has_header) throw Error(ErrorKind::data, "PNG has no header before its pixels");
      note_metadata_behind(bytes, at, notes);
      header.orientation = notes.opencv();
      header.pillow_orientation = notes.pillow();
      return header;
    }
    if (bytes.at(chunk->next - 1, 1).empty()) return std::nullopt;
    if (chunk->is("IHDR") && chunk->length >= 13) {
      const Bytes contents = bytes.at(chunk->contents, 13);
      header.stored = {static_cast<int>(png_word(contents, 0) & 0x7FFFFFFF),
                       static_cast<int>(png_word(contents, 4) & 0x7FFFFFFF)};
      header.colors = unusual_colors(contents[8], contents[9]);
      has_header = true;
    } else if (has_header) {
      note_metadata(bytes, *chunk, true, notes);
    }
    at = chunk->next;
  }
}

namespace {

void check_planned_size(spng_ctx* context, Bytes bytes, Size planned) {
  spng_ihdr ihdr = {};
  if (const int code = spng_get_ihdr(context, &ihdr); code != 0) throw_png(code, bytes);
  const Size found = {static_cast<int>(ihdr.width), static_cast<int>(ihdr.height)};
  if (found == planned) return;
  throw Error(ErrorKind::data, fmt::format("the image is {}, it was {} when it was planned",
                                           to_string(found), to_string(planned)));
}

// libspng's code for the end of the decoding.
int decode_with(spng_ctx* context, const ImageView& out) {
  const int code = spng_decode_image(context, nullptr, 0, SPNG_FMT_RGB8, SPNG_DECODE_PROGRESSIVE);
  return code == 0 ? decode_rows(context, out) : code;
}

void clear(const ImageView& out) {
  for (int y = 0; y < out.height; ++y)
    std::memset(out.row(y), 0, static_cast<std::size_t>(out.width) * 3);
}

bool exceeds_limit(int code) { return code == SPNG_EMEM || code == SPNG_ECHUNK_LIMITS; }

}  // namespace

// libspng does not miss the end of the compressed pixels, which has their checksum: bytes are put
// behind it that are read as a wrong one. Only when that fails are the pixels decoded without them,
// for the reason and for the rows before it.
bool decode_png(Bytes bytes, const ImageView& out, bool allow_truncated) {
  const PngEnd end = checked_end(bytes);
  const auto decode = [&](Bytes file) {
    const Context context = opened(file);
    check_planned_size(context.get(), bytes, out.size());
    if (allow_truncated) clear(out);
    return decode_with(context.get(), out);
  };
  const auto decode_whole = [&](Bytes file) {
    if (!end.complete) return decode(file);
    const int code = decode(with_bytes_behind_pixels(file));
    if (code != SPNG_EIDAT_STREAM) return code;
    const int without = decode(file);
    return without == SPNG_EOI ? SPNG_IO_EOF : without;
  };
  std::vector<std::byte> joined;
  if (end.short_last_idat) joined = joined_pixels(bytes);
  int code = decode_whole(end.short_last_idat ? Bytes(joined) : bytes);
  if (exceeds_limit(code)) {
    joined = joined_pixels(bytes);
    code = decode_whole(joined);
  }
  if (code == SPNG_EOI && !end.complete) code = SPNG_IO_EOF;
  const bool truncated = code != SPNG_EOI;
  if (truncated && !(allow_truncated && ends_early(code))) throw_png(code, bytes);
  for (int y = 0; y < out.height; ++y) swap_channels(out.row(y), out.width);
  return truncated;
}

}  // namespace pinfeed::image
