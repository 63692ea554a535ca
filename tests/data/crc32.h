// SPDX-License-Identifier: Apache-2.0
// The checksum of images in the golden files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "pinfeed/core/tensor.h"

namespace pinfeed {

/// The CRC-32 that zlib's crc32() computes.
inline std::uint32_t crc32(std::span<const std::byte> bytes) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> values = {};
    for (std::uint32_t i = 0; i < 256; ++i) {
      values[i] = i;
      for (int bit = 0; bit < 8; ++bit) {
        values[i] = values[i] >> 1U ^ ((values[i] & 1U) != 0 ? 0xEDB88320U : 0U);
      }
    }
    return values;
  }();
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const std::byte byte : bytes) {
    crc = table[(crc ^ static_cast<std::uint32_t>(byte)) & 0xFFU] ^ crc >> 8U;
  }
  return ~crc;
}

/// The CRC-32 of the elements in row-major order, whatever the strides are.
inline std::uint32_t crc32(const Tensor& tensor) {
  const Tensor row_major = contiguous(tensor);
  return crc32({row_major.data(), row_major.bytes()});
}

}  // namespace pinfeed
