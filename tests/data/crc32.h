// SPDX-License-Identifier: Apache-2.0
// The checksum that the goldens hold for images.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "pinfeed/core/tensor.h"

namespace pinfeed {

/// As zlib's crc32.
inline std::uint32_t crc32(std::span<const std::byte> bytes) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> made = {};
    for (std::uint32_t i = 0; i < 256; ++i) {
      made[i] = i;
      for (int bit = 0; bit < 8; ++bit) {
        made[i] = made[i] >> 1U ^ ((made[i] & 1U) != 0 ? 0xEDB88320U : 0U);
      }
    }
    return made;
  }();
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const std::byte byte : bytes) {
    crc = table[(crc ^ static_cast<std::uint32_t>(byte)) & 0xFFU] ^ crc >> 8U;
  }
  return ~crc;
}

/// Of the elements in row-major order: a (C, H, W) view of H x W x C bytes counts as C, H, W.
inline std::uint32_t crc32(const Tensor& tensor) {
  const Tensor row_major = contiguous(tensor);
  return crc32({row_major.data(), row_major.bytes()});
}

}  // namespace pinfeed
