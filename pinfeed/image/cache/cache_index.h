// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pinfeed/image/codec/codec.h"

namespace pinfeed::image {

/// What the index of a segment says about a record (docs/cache.md, "The index").
struct IndexEntry {
  std::string path = {};  // of the image, as the cache knows it
  std::int64_t mtime_ns = 0;
  std::uint64_t offset = 0;  // of the record in the segment
  std::uint64_t bytes = 0;
  std::uint64_t record_hash = 0;  // XXH3, 64 bits
  std::uint64_t file_hash = 0;    // of the JPEG
  Header header = {};
};

/// The entry as bytes, a multiple of 8.
std::vector<std::byte> written_entry(const IndexEntry& entry);

/// Reads the entry at the beginning of `bytes` and sets `size` to its bytes. Empty if there is no
/// complete entry or its hash differs. Any bytes are safe.
std::optional<IndexEntry> read_entry(std::span<const std::byte> bytes, std::size_t& size);

/// XXH3, 64 bits.
std::uint64_t hash_of(std::span<const std::byte> bytes);

}  // namespace pinfeed::image
