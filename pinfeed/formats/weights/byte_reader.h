// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "pinfeed/core/error.h"

namespace pinfeed {

/// Reads little-endian numbers at any offset. Each function throws Error(data) beyond the end.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::uint8_t u8(std::size_t at) const { return read<std::uint8_t>(at); }
  std::uint16_t u16(std::size_t at) const { return read<std::uint16_t>(at); }
  std::uint32_t u32(std::size_t at) const { return read<std::uint32_t>(at); }
  std::uint64_t u64(std::size_t at) const { return read<std::uint64_t>(at); }

  std::span<const std::byte> part(std::size_t at, std::size_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) {
      throw Error(ErrorKind::data, "it ends too early: the file is damaged or cut short");
    }
    return bytes_.subspan(at, size);
  }
  std::string_view text(std::size_t at, std::size_t size) const {
    const auto found = part(at, size);
    return {reinterpret_cast<const char*>(found.data()), found.size()};
  }

 private:
  template <class T>
  T read(std::size_t at) const {
    T number = 0;
    std::memcpy(&number, part(at, sizeof number).data(), sizeof number);
    return number;
  }

  std::span<const std::byte> bytes_;
};

}  // namespace pinfeed
