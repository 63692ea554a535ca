// SPDX-License-Identifier: Apache-2.0
// Builds encoded images from parts: chunks of PNG files, segments of JPEG files, EXIF blocks.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/image/bad_images.h"

namespace pinfeed::image {

inline Text operator+(Text bytes, const Text& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
  return bytes;
}

inline std::string text_of(const Text& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline void write_bytes(const std::string& path, const Text& bytes) {
  std::ofstream(path, std::ios::binary) << text_of(bytes);
}

inline Text bytes_of_hex(const std::string& hex) {
  Text bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

inline std::string big_endian_word(std::uint64_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xFFU);
  return text;
}

/// A little-endian TIFF directory with one entry, the orientation.
inline std::string tiff_of(int orientation) {
  return std::string("II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", 18) +
         static_cast<char>(orientation) + std::string(7, '\0');
}

inline Text app1_segment(const std::string& contents) {
  const std::size_t length = contents.size() + 2;
  return bytes_in(std::string("\xFF\xE1") + static_cast<char>(length >> 8U) +
                  static_cast<char>(length & 0xFFU) + contents);
}

inline Text exif_segment(int orientation) {
  return app1_segment(std::string("Exif\0\0", 6) + tiff_of(orientation));
}

inline Text png_chunk_of(const std::string& name, const std::string& contents) {
  const std::string checked = name + contents;
  const std::uint32_t checksum = crc32_of(checked.data(), checked.size());
  return bytes_in(big_endian_word(contents.size()) + checked + big_endian_word(checksum));
}

inline Text with_wrong_checksum(Text chunk) {
  chunk.back() ^= std::byte{1};
  return chunk;
}

/// A PNG file up to its first IDAT chunk, its IDAT chunks, and the rest.
struct PngParts {
  Text start = {};
  Text pixels = {};
  Text end = {};
};

inline std::size_t chunk_bytes(const Text& file, std::size_t at) {
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i)
    length = length << 8U | std::to_integer<std::size_t>(file[at + i]);
  return length + 12;
}

inline PngParts png_parts(const Text& file) {
  PngParts parts{.start = Text(file.begin(), file.begin() + 8)};
  for (std::size_t at = 8; at < file.size(); at += chunk_bytes(file, at)) {
    const auto first = file.begin() + static_cast<std::ptrdiff_t>(at);
    const Text chunk(first, first + static_cast<std::ptrdiff_t>(chunk_bytes(file, at)));
    const bool is_pixels = text_of(chunk).substr(4, 4) == "IDAT";
    Text& to = is_pixels ? parts.pixels : parts.pixels.empty() ? parts.start : parts.end;
    to = to + chunk;
  }
  return parts;
}

/// The contents of IDAT chunks, one after the other.
inline std::string data_of(const Text& chunks) {
  std::string data;
  for (std::size_t at = 0; at < chunks.size(); at += chunk_bytes(chunks, at)) {
    data += text_of(chunks).substr(at + 8, chunk_bytes(chunks, at) - 12);
  }
  return data;
}

/// IDAT chunks of at most `piece` bytes.
inline Text in_chunks(const std::string& data, std::size_t piece) {
  Text chunks;
  for (std::size_t at = 0; at < data.size(); at += piece) {
    chunks = chunks + png_chunk_of("IDAT", data.substr(at, piece));
  }
  return chunks;
}

}  // namespace pinfeed::image
