// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace pinfeed::image {

class CoefficientCache;  // coefficient_cache.h
struct CachedImage;

/// Where a stored image is in a cache, or shall be.
struct CacheUse {
  CoefficientCache* cache = nullptr;   // must outlive the image
  std::string_view path = {};          // as the cache knows it
  std::int64_t mtime_ns = 0;           // of the file
  const CachedImage* found = nullptr;  // its record is used and the file is not read
  bool wanted = false;                 // the record is to be added when the file is decoded
};

}  // namespace pinfeed::image
