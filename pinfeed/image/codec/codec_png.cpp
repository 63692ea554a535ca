// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <spng.h>

#include <cstring>
#include <memory>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/image/codec/codec_parts.h"

namespace pinfeed::image {
namespace {

struct Free {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};
using Context = std::unique_ptr<spng_ctx, Free>;

std::uint32_t big_endian(Bytes bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

bool is_chunk(Bytes bytes, std::size_t at, const char* name) {
  return std::memcmp(bytes.data() + at + 4, name, 4) == 0;
}

// libspng reads compressed bytes in large pieces, so the number of complete rows is not known.
bool ends_early(int code) {
  return code == SPNG_IO_EOF || code == SPNG_IO_ERROR || code == SPNG_EIDAT_TOO_SHORT;
}

[[noreturn]] void throw_png(int code, Bytes bytes) {
  if (code == SPNG_EMEM) throw Error(ErrorKind::system, "no memory for a PNG decoder");
  if (!ends_early(code)) {
    throw Error(ErrorKind::data, fmt::format("PNG cannot be decoded: {}", spng_strerror(code)));
  }
  throw Error(ErrorKind::data, fmt::format("PNG ends early: the file has {} bytes", bytes.size()))
      .ends_at(bytes.size());
}

Context opened(Bytes bytes) {
  Context context(spng_ctx_new(0));
  if (!context) throw Error(ErrorKind::system, "no memory for a PNG decoder");
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

std::optional<Header> png_header(Bytes bytes) {
  constexpr std::size_t signature = 8;
  constexpr std::size_t around = 12;  // length, name, checksum
  std::optional<Header> header;
  for (std::size_t at = signature; at + 8 <= bytes.size();) {
    const std::size_t length = big_endian(bytes, at);
    if (is_chunk(bytes, at, "IDAT") || is_chunk(bytes, at, "IEND")) {
      if (!header) throw Error(ErrorKind::data, "PNG has no header before its pixels");
      return header;
    }
    if (at + around + length > bytes.size()) break;
    if (is_chunk(bytes, at, "IHDR") && length >= 13) {
      header = Header{.format = Format::png};
      header->stored = {static_cast<int>(big_endian(bytes, at + 8) & 0x7FFFFFFF),
                        static_cast<int>(big_endian(bytes, at + 12) & 0x7FFFFFFF)};
      header->colors = unusual_colors(bytes[at + 16], bytes[at + 17]);
    }
    if (is_chunk(bytes, at, "eXIf") && header) {
      header->orientation = exif_orientation(bytes.subspan(at + 8, length));
    }
    at += around + length;
  }
  return std::nullopt;
}

bool decode_png(Bytes bytes, const ImageView& out, bool allow_truncated) {
  const Context context = opened(bytes);
  spng_ihdr ihdr = {};
  if (const int code = spng_get_ihdr(context.get(), &ihdr); code != 0) throw_png(code, bytes);
  const Size found = {static_cast<int>(ihdr.width), static_cast<int>(ihdr.height)};
  if (found != out.size()) {
    throw Error(ErrorKind::data, fmt::format("the image is {}, it was {} when it was planned",
                                             to_string(found), to_string(out.size())));
  }
  if (allow_truncated) {
    for (int y = 0; y < out.height; ++y)
      std::memset(out.row(y), 0, static_cast<std::size_t>(out.width) * 3);
  }
  int code = spng_decode_image(context.get(), nullptr, 0, SPNG_FMT_RGB8, SPNG_DECODE_PROGRESSIVE);
  if (code == 0) code = decode_rows(context.get(), out);
  const bool truncated = code != SPNG_EOI;
  if (truncated && !(allow_truncated && ends_early(code))) throw_png(code, bytes);
  for (int y = 0; y < out.height; ++y) swap_channels(out.row(y), out.width);
  return truncated;
}

}  // namespace pinfeed::image
