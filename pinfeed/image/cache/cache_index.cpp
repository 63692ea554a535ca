// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/cache/cache_index.h"

#include <xxhash.h>

#include <cstring>

#include "pinfeed/core/round_up.h"

namespace pinfeed::image {
namespace {

constexpr std::size_t fixed_entry_bytes = 72;
constexpr std::size_t hash_bytes = 8;

template <class T>
void put_at(std::vector<std::byte>& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

template <class T>
T get_at(std::span<const std::byte> bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::size_t entry_bytes(std::size_t path_bytes) {
  return fixed_entry_bytes + rounded_up(path_bytes, std::size_t{8}) + hash_bytes;
}

bool header_is_valid(const Header& header) {
  const auto [width, height] = header.stored;
  return width >= 1 && height >= 1 && width <= 65535 && height <= 65535 &&
         header.orientation >= 1 && header.orientation <= 8 && header.pillow_orientation >= 0 &&
         header.pillow_orientation <= 8;
}

}  // namespace

std::uint64_t hash_of(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::vector<std::byte> written_entry(const IndexEntry& entry) {
  std::vector<std::byte> bytes(entry_bytes(entry.path.size()));
  put_at(bytes, 0, static_cast<std::uint32_t>(bytes.size()));
  put_at(bytes, 4, static_cast<std::uint32_t>(entry.path.size()));
  put_at(bytes, 8, entry.header.file_bytes);
  put_at(bytes, 16, entry.mtime_ns);
  put_at(bytes, 24, entry.offset);
  put_at(bytes, 32, entry.bytes);
  put_at(bytes, 40, entry.record_hash);
  put_at(bytes, 48, entry.file_hash);
  put_at(bytes, 56, static_cast<std::uint32_t>(entry.header.stored.width));
  put_at(bytes, 60, static_cast<std::uint32_t>(entry.header.stored.height));
  put_at(bytes, 64, static_cast<std::uint8_t>(entry.header.orientation));
  put_at(bytes, 65, static_cast<std::uint8_t>(entry.header.pillow_orientation));
  std::memcpy(bytes.data() + fixed_entry_bytes, entry.path.data(), entry.path.size());
  const std::size_t hashed = bytes.size() - hash_bytes;
  put_at(bytes, hashed, hash_of(std::span(bytes).first(hashed)));
  return bytes;
}

std::optional<IndexEntry> read_entry(std::span<const std::byte> bytes, std::size_t& size) {
  if (bytes.size() < fixed_entry_bytes + hash_bytes) return std::nullopt;
  size = get_at<std::uint32_t>(bytes, 0);
  const std::size_t path_bytes = get_at<std::uint32_t>(bytes, 4);
  if (size > bytes.size() || path_bytes > bytes.size() || size != entry_bytes(path_bytes))
    return std::nullopt;
  const std::size_t hashed = size - hash_bytes;
  if (get_at<std::uint64_t>(bytes, hashed) != hash_of(bytes.first(hashed))) return std::nullopt;
  IndexEntry entry;
  entry.header.file_bytes = get_at<std::uint64_t>(bytes, 8);
  entry.mtime_ns = get_at<std::int64_t>(bytes, 16);
  entry.offset = get_at<std::uint64_t>(bytes, 24);
  entry.bytes = get_at<std::uint64_t>(bytes, 32);
  entry.record_hash = get_at<std::uint64_t>(bytes, 40);
  entry.file_hash = get_at<std::uint64_t>(bytes, 48);
  entry.header.stored = {static_cast<int>(get_at<std::uint32_t>(bytes, 56)),
                         static_cast<int>(get_at<std::uint32_t>(bytes, 60))};
  entry.header.orientation = get_at<std::uint8_t>(bytes, 64);
  entry.header.pillow_orientation = get_at<std::uint8_t>(bytes, 65);
  entry.path.resize(path_bytes);
  std::memcpy(entry.path.data(), bytes.data() + fixed_entry_bytes, path_bytes);
  if (!header_is_valid(entry.header)) return std::nullopt;
  return entry;
}

}  // namespace pinfeed::image
