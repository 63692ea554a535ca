// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the PNG specification, 5.3; docs/specs/decisions.md, 17.
//
// Metadata may follow the pixels, but reading a large file up to its end only to find none costs as
// much as decoding. The end of the file usually proves it: from a chunk that begins there, lengths
// lead to IEND. The first such IDAT chunk is looked for in the last 64 KiB. A file without one has
// few, large chunks, and the chain of all chunks is followed from the front.
#include "pinfeed/image/codec/codec_png_chunks.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "pinfeed/core/error.h"

namespace pinfeed::image {
namespace {

constexpr std::uint64_t around_contents = 12;      // length, name, checksum
constexpr std::uint64_t max_metadata = 8'000'000;  // bytes, as in libpng
constexpr std::uint64_t tail_bytes = std::uint64_t{64} << 10U;

// `before` is the checksum of what precedes the bytes.
std::uint32_t checksum_of(Bytes bytes, std::uint32_t before = 0) {
  const auto* first = reinterpret_cast<const Bytef*>(bytes.data());
  return static_cast<std::uint32_t>(::crc32_z(before, first, bytes.size()));
}

// Of a chunk's name, contents and checksum.
bool has_right_checksum(Bytes chunk) {
  const std::size_t checked = chunk.size() - 4;
  return checksum_of(chunk.first(checked)) == png_word(chunk, checked);
}

PngChunk parsed_chunk(Bytes length_and_name, std::uint64_t at) {
  PngChunk chunk{.length = png_word(length_and_name, 0), .contents = at + 8};
  std::memcpy(chunk.name.data(), length_and_name.data() + 4, chunk.name.size());
  chunk.next = at + around_contents + chunk.length;
  return chunk;
}

// The same as png_chunk() of a file in memory.
std::optional<PngChunk> chunk_in(Bytes file, std::uint64_t at) {
  if (at + 8 > file.size()) return std::nullopt;
  return parsed_chunk(file.subspan(at, 8), at);
}

void add_word(std::vector<std::byte>& bytes, std::uint32_t word) {
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes.push_back(std::byte(word >> shift & 0xFFU));
}

// Behind zlib's checksum they mean nothing. In its place, or in that of its last bytes, they are
// wrong: both its halves are below 65521. Only a last byte of 255 can be guessed, behind three
// right ones.
constexpr std::array<std::byte, 4> behind_pixels = {std::byte{255}, std::byte{255}, std::byte{255},
                                                    std::byte{255}};

void add_chunk(std::vector<std::byte>& bytes, std::array<char, 4> name, Bytes contents) {
  add_word(bytes, static_cast<std::uint32_t>(contents.size()));
  const std::size_t checked = bytes.size();
  for (const char letter : name) bytes.push_back(std::byte(letter));
  bytes.insert(bytes.end(), contents.begin(), contents.end());
  add_word(bytes, checksum_of(Bytes(bytes).subspan(checked)));
}

bool needed_for_pixels(const PngChunk& chunk) {
  return chunk.is("IHDR") || chunk.is("PLTE") || chunk.is("IDAT");
}

bool is_text(const PngChunk& chunk) {
  return chunk.is("tEXt") || chunk.is("zTXt") || chunk.is("iTXt");
}

// Texts in which Pillow looks for EXIF and XMP.
void note_text(const PngChunk& chunk, Bytes contents, OrientationNotes& notes) {
  const std::string_view text(reinterpret_cast<const char*>(contents.data()), contents.size());
  if (text.starts_with("Raw profile type exif")) notes.set_unknown_to_pillow();
  constexpr std::string_view xmp = "XML:com.adobe.xmp";
  if (!text.starts_with(xmp)) return;
  const bool compressed =
      !chunk.is("iTXt") || text.size() <= xmp.size() + 1 || text[xmp.size() + 1] != '\0';
  if (compressed) return notes.set_unknown_to_pillow();
  notes.add_xmp(contents);
}

// The offset in the tail of an IDAT chunk from which the chunks lead to IEND.
std::optional<std::size_t> idat_in_tail(Bytes tail) {
  constexpr std::array name = {std::byte{'I'}, std::byte{'D'}, std::byte{'A'}, std::byte{'T'}};
  for (auto from = tail.begin() + 4; from < tail.end();) {
    const auto found = std::search(from, tail.end(), name.begin(), name.end());
    if (found == tail.end()) return std::nullopt;
    const auto start = static_cast<std::size_t>(found - tail.begin()) - 4;
    for (std::uint64_t at = start; at + around_contents <= tail.size();) {
      const PngChunk chunk = parsed_chunk(tail.subspan(at), at);
      if (chunk.is("IEND")) return start;
      at = chunk.next;
    }
    from = found + 1;
  }
  return std::nullopt;
}

}  // namespace

std::uint32_t png_word(Bytes bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8U | std::to_integer<std::uint32_t>(bytes[at + i]);
  return value;
}

std::optional<PngChunk> png_chunk(const HeaderBytes& bytes, std::uint64_t at) {
  const Bytes start = bytes.at(at, 8);
  if (start.size() < 8) return std::nullopt;
  return parsed_chunk(start, at);
}

void note_metadata(const HeaderBytes& bytes, const PngChunk& chunk, bool before_pixels,
                   OrientationNotes& notes) {
  const bool is_exif = chunk.is("eXIf");
  // Pillow checks every chunk before the pixels.
  if (!is_exif && !is_text(chunk) && !before_pixels) return;
  if (chunk.length > max_metadata) return notes.set_unknown_to_pillow();
  const Bytes whole = bytes.at(chunk.contents - 4, chunk.length + 8);
  if (whole.size() < chunk.length + 8) return;
  if (!has_right_checksum(whole)) return notes.set_unknown_to_pillow();
  const Bytes contents = whole.subspan(4, chunk.length);
  if (is_text(chunk)) note_text(chunk, contents, notes);
  if (!is_exif) return;
  if (notes.has_exif()) return notes.set_unknown_to_pillow();  // libpng takes the first only
  notes.add_exif(contents);
}

void note_metadata_behind(const HeaderBytes& bytes, std::uint64_t at, OrientationNotes& notes) {
  if (bytes.size() > at + tail_bytes) {
    const std::uint64_t tail = bytes.size() - tail_bytes;
    if (const auto idat = idat_in_tail(bytes.at(tail, tail_bytes))) at = tail + *idat;
  }
  for (auto chunk = png_chunk(bytes, at); chunk && !chunk->is("IEND");
       chunk = png_chunk(bytes, chunk->next)) {
    note_metadata(bytes, *chunk, false, notes);
  }
}

PngEnd checked_end(Bytes file) {
  constexpr std::uint64_t enough = 64;  // bytes; the end of a zlib stream has some 6
  PngEnd end;
  for (auto chunk = chunk_in(file, png_signature_bytes); chunk && chunk->next <= file.size();
       chunk = chunk_in(file, chunk->next)) {
    const std::uint64_t named = chunk->contents - 4;
    if (needed_for_pixels(*chunk) && !has_right_checksum(file.subspan(named, chunk->length + 8))) {
      throw Error(ErrorKind::data,
                  fmt::format("PNG cannot be decoded: its {} chunk at byte {} has a wrong checksum",
                              std::string_view(chunk->name.data(), 4), named - 4));
    }
    if (chunk->is("IDAT")) end.short_last_idat = chunk->length < enough;
    end.complete = chunk->is("IEND");
    if (end.complete) break;
  }
  return end;
}

std::vector<std::byte> with_bytes_behind_pixels(Bytes file) {
  PngChunk last = {};
  for (auto chunk = chunk_in(file, png_signature_bytes); chunk && chunk->next <= file.size();
       chunk = chunk_in(file, chunk->next)) {
    if (chunk->is("IDAT")) last = *chunk;
  }
  std::vector<std::byte> copy;
  if (last.next == 0) return {file.begin(), file.end()};
  copy.reserve(file.size() + behind_pixels.size());
  const auto add = [&](Bytes bytes) { copy.insert(copy.end(), bytes.begin(), bytes.end()); };
  add(file.first(last.contents - 8));
  add_word(copy, static_cast<std::uint32_t>(last.length + behind_pixels.size()));
  add(file.subspan(last.contents - 4, last.length + 4));
  add(behind_pixels);
  add_word(copy, checksum_of(behind_pixels, png_word(file, last.contents + last.length)));
  add(file.subspan(last.next));
  return copy;
}

std::vector<std::byte> joined_pixels(Bytes file) {
  std::vector<std::byte> joined(file.begin(), file.begin() + png_signature_bytes);
  std::vector<std::byte> pixels;
  for (auto chunk = chunk_in(file, png_signature_bytes); chunk && !chunk->is("IEND");
       chunk = chunk_in(file, chunk->next)) {
    const Bytes rest = file.subspan(std::min<std::size_t>(chunk->contents, file.size()));
    const Bytes contents = rest.first(std::min<std::size_t>(chunk->length, rest.size()));
    if (chunk->is("IDAT")) pixels.insert(pixels.end(), contents.begin(), contents.end());
    if (chunk->is("IHDR") || chunk->is("PLTE")) add_chunk(joined, chunk->name, contents);
  }
  add_chunk(joined, {'I', 'D', 'A', 'T'}, pixels);
  add_chunk(joined, {'I', 'E', 'N', 'D'}, {});
  return joined;
}

}  // namespace pinfeed::image
