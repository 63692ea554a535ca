// SPDX-License-Identifier: Apache-2.0
// Images and digests that the tests of this folder share.
#pragma once

#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "pinfeed/core/random.h"
#include "pinfeed/image/image.h"
#include "tests/golden_lines.h"

namespace pinfeed::image {

using test::golden_lines;

inline const std::string golden_folder = test::golden_path("");

inline std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table = {};
  for (std::uint32_t i = 0; i < 256; ++i) {
    table[i] = i;
    for (int bit = 0; bit < 8; ++bit)
      table[i] = (table[i] >> 1) ^ (0xEDB88320U & (0U - (table[i] & 1U)));
  }
  return table;
}

/// Equals zlib's crc32.
inline std::uint32_t crc32_of(const void* data, std::size_t size) {
  static const std::array<std::uint32_t, 256> table = crc_table();
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  std::uint32_t crc = 0xFFFFFFFFU;
  for (std::size_t i = 0; i < size; ++i) crc = (crc >> 8) ^ table[(crc ^ bytes[i]) & 0xFFU];
  return ~crc;
}

inline std::uint32_t crc32_of(const Image& image) {
  return crc32_of(image.pixels.data(), image.pixels.bytes());
}

/// Byte k is the lowest byte of the k-th word of MT19937(seed).
inline Image noise(Size size, int channels, std::uint32_t seed) {
  Image image = make_image(size, channels);
  Mt19937 generator(seed);
  auto* bytes = image.pixels.data_as<std::uint8_t>();
  for (std::size_t i = 0; i < image.pixels.bytes(); ++i)
    bytes[i] = static_cast<std::uint8_t>(generator.next());
  return image;
}

/// The same values times `factor`, as float32.
inline Image as_floats(const Image& image, float factor) {
  Image result = make_image(image.size(), image.channels(), DType::float32);
  const auto* from = image.pixels.data_as<std::uint8_t>();
  auto* to = result.pixels.data_as<float>();
  for (std::int64_t i = 0; i < image.pixels.elements(); ++i)
    to[i] = static_cast<float>(from[i]) * factor;
  return result;
}

inline std::vector<std::byte> bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

}  // namespace pinfeed::image
