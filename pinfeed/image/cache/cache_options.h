// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace pinfeed::image {

/// fill: read what is there, add what is missing. read: add nothing. only: the files themselves are
/// never opened; an image without a record is an error.
enum class CacheMode : std::uint8_t { fill, read, only };

/// A folder with the coefficients of JPEGs (docs/cache.md).
struct CacheOptions {
  std::string folder = {};  // empty: no cache
  CacheMode mode = CacheMode::fill;
  std::optional<std::int64_t> limit = {};  // bytes of all files in the folder
};

}  // namespace pinfeed::image
