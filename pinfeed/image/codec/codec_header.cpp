// SPDX-License-Identifier: Apache-2.0
// Reads JPEG markers without a decoder: size and orientation in microseconds.
#include <algorithm>
#include <array>
#include <cstring>

#include "pinfeed/core/error.h"
#include "pinfeed/image/codec/codec_exif.h"
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

constexpr std::string_view xmp_name("http://ns.adobe.com/xap/1.0/", 29);  // with its null

bool is_xmp(Bytes contents) {
  return contents.size() >= xmp_name.size() &&
         std::memcmp(contents.data(), xmp_name.data(), xmp_name.size()) == 0;
}

void note_orientation(const HeaderBytes& bytes, const Segment& segment, OrientationNotes& notes) {
  if (is_exif(bytes, segment)) {
    notes.add_exif(bytes.at(segment.contents, segment.size).subspan(exif_name.size()));
  } else if (segment.marker == app1) {
    const Bytes contents = bytes.at(segment.contents, segment.size);
    if (is_xmp(contents)) notes.add_xmp(contents.subspan(xmp_name.size()));
  }
}

}  // namespace

// Metadata may follow the frame header, up to the first scan.
std::optional<Header> jpeg_header(const HeaderBytes& bytes) {
  Header header{.format = Format::jpeg};
  OrientationNotes notes;
  bool has_frame = false;
  bool at_pixels = false;
  std::uint64_t at = 0;
  while (const std::optional<Segment> segment = segment_at(bytes, at)) {
    at = segment->next;
    note_orientation(bytes, *segment, notes);
    if (begins_frame(segment->marker)) {
      const Bytes frame = frame_start(bytes, *segment);
      header.stored = frame_size(frame);
      if (byte_at(frame, 5) == 4) header.colors = "CMYK";
      has_frame = true;
    }
    at_pixels = segment->marker == start_of_scan || segment->marker == end_of_image;
    if (at_pixels) break;
  }
  header.orientation = notes.opencv();
  header.pillow_orientation = notes.pillow();
  if (has_frame) return header;
  if (at_pixels) throw Error(ErrorKind::data, "JPEG has no frame header before its pixels");
  return std::nullopt;
}

}  // namespace pinfeed::image
