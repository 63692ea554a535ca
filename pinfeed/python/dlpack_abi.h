// SPDX-License-Identifier: Apache-2.0
// The binary interface of DLPack 1.1, whose header is newer than that of Debian 12.
#pragma once

#include <dlpack/dlpack.h>

#include <cstdint>

namespace pinfeed::python {

constexpr std::uint32_t dlpack_major = 1;
constexpr std::uint32_t dlpack_minor = 1;

// Codes of types that DLPack 0.6 does not have.
constexpr std::uint8_t dlpack_complex = 5;
constexpr std::uint8_t dlpack_bool = 6;
constexpr std::uint8_t dlpack_float8_e4m3fn = 10;
constexpr std::uint8_t dlpack_float8_e5m2 = 12;

/// DLManagedTensorVersioned.
struct VersionedTensor {
  std::uint32_t major = dlpack_major;
  std::uint32_t minor = dlpack_minor;
  void* manager_ctx = nullptr;
  void (*deleter)(VersionedTensor* self) = nullptr;
  std::uint64_t flags = 0;
  DLTensor dl_tensor = {};
};

}  // namespace pinfeed::python
