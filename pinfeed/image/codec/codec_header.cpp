// SPDX-License-Identifier: Apache-2.0
// Reads JPEG markers and EXIF without a decoder: size and orientation in microseconds.
#include <algorithm>
#include <array>
#include <cstring>

#include "pinfeed/core/error.h"
#include "pinfeed/image/codec/codec_parts.h"

namespace pinfeed::image {
namespace {

int byte_at(Bytes bytes, std::size_t at) { return std::to_integer<int>(bytes[at]); }

int big_endian16(Bytes bytes, std::size_t at) {
  return byte_at(bytes, at) << 8 | byte_at(bytes, at + 1);
}

// SOF0..SOF15 without DHT, JPG and DAC.
bool begins_frame(int marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

bool has_no_contents(int marker) { return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8); }

constexpr int end_of_image = 0xD9;
constexpr int start_of_scan = 0xDA;
constexpr int app1 = 0xE1;

// A marker and the place of its contents; `next` is the offset after them.
struct Segment {
  int marker = 0;
  std::uint64_t contents = 0;  // offset
  std::size_t size = 0;
  std::uint64_t next = 0;
};

// The offset of the first byte at or after `offset` that is (or is not) 0xFF; of the end if there
// is none.
std::uint64_t find_fill_byte(const HeaderBytes& bytes, std::uint64_t offset, bool wanted) {
  constexpr std::size_t piece = 4096;
  while (true) {
    const Bytes part = bytes.at(offset, piece);
    const auto found = std::find_if(part.begin(), part.end(), [wanted](std::byte b) {
      return (b == std::byte{0xFF}) == wanted;
    });
    offset += static_cast<std::uint64_t>(found - part.begin());
    if (found != part.end() || part.size() < piece) return offset;
  }
}

// The marker at or after `at`; empty if the bytes end within it.
std::optional<Segment> segment_at(const HeaderBytes& bytes, std::uint64_t at) {
  at = find_fill_byte(bytes, at, true);
  at = find_fill_byte(bytes, at, false);
  const Bytes start = bytes.at(at, 3);
  if (start.empty()) return std::nullopt;
  const int marker = byte_at(start, 0);
  if (has_no_contents(marker) || marker == end_of_image || marker == 0)
    return Segment{marker, at + 1, 0, at + 1};
  if (start.size() < 3) return std::nullopt;
  const auto length = static_cast<std::size_t>(std::max(2, big_endian16(start, 1)));
  const Segment segment{marker, at + 3, length - 2, at + 1 + length};
  if (bytes.at(segment.next - 1, 1).empty()) return std::nullopt;
  return segment;
}

constexpr std::array exif_name = {std::byte{'E'}, std::byte{'x'}, std::byte{'i'},
                                  std::byte{'f'}, std::byte{0},   std::byte{0}};

bool is_exif(const HeaderBytes& bytes, const Segment& segment) {
  if (segment.marker != app1 || segment.size <= exif_name.size()) return false;
  const Bytes name = bytes.at(segment.contents, exif_name.size());
  return std::equal(exif_name.begin(), exif_name.end(), name.begin(), name.end());
}

// The frame header's first 6 bytes: precision, height, width, components.
Bytes frame_start(const HeaderBytes& bytes, const Segment& frame) {
  constexpr std::size_t needed = 6;
  if (frame.size < needed) throw Error(ErrorKind::data, "JPEG has an incomplete frame header");
  return bytes.at(frame.contents, needed);
}

Size frame_size(Bytes frame) {
  const Size size = {big_endian16(frame, 3), big_endian16(frame, 1)};
  if (size.width < 1 || size.height < 1) {
    throw Error(ErrorKind::data,
                "the image has " + to_string(size) + " pixels; both sides must be at least 1");
  }
  return size;
}

// Reads numbers of a TIFF directory, in its byte order.
struct Tiff {
  Bytes bytes = {};
  bool little = false;

  std::uint32_t number(std::size_t at, std::size_t count) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t offset = little ? at + count - 1 - i : at + i;
      value = value << 8 | static_cast<std::uint32_t>(byte_at(bytes, offset));
    }
    return value;
  }
};

}  // namespace

std::optional<Header> jpeg_header(const HeaderBytes& bytes) {
  Header header{.format = Format::jpeg};
  bool oriented = false;
  std::uint64_t at = 0;
  while (const std::optional<Segment> segment = segment_at(bytes, at)) {
    at = segment->next;
    if (!oriented && is_exif(bytes, *segment)) {
      const Bytes exif = bytes.at(segment->contents, segment->size);
      header.orientation = exif_orientation(exif.subspan(exif_name.size()));
      oriented = true;
    }
    if (begins_frame(segment->marker)) {
      const Bytes frame = frame_start(bytes, *segment);
      header.stored = frame_size(frame);
      if (byte_at(frame, 5) == 4) header.colors = "CMYK";
      return header;
    }
    if (segment->marker == start_of_scan || segment->marker == end_of_image) {
      throw Error(ErrorKind::data, "JPEG has no frame header before its pixels");
    }
  }
  return std::nullopt;
}

int exif_orientation(Bytes tiff) {
  if (tiff.size() < 8) return 1;
  const Tiff numbers{tiff, tiff[0] == std::byte{'I'}};
  if (numbers.number(2, 2) != 42) return 1;
  const std::size_t directory = numbers.number(4, 4);
  if (directory > tiff.size() || tiff.size() - directory < 2) return 1;
  const std::size_t entries = numbers.number(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * 12;
    if (entry + 12 > tiff.size()) return 1;
    if (numbers.number(entry, 2) != 0x0112) continue;
    const auto value = static_cast<int>(numbers.number(entry + 8, 2));
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

}  // namespace pinfeed::image
