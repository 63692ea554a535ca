// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pinfeed {

/// One file of a zip archive: its bytes are [offset, offset + size) of the archive.
struct ZipRecord {
  std::string name = {};
  std::size_t offset = 0;
  std::size_t size = 0;
  std::uint32_t crc = 0;  // CRC-32 of the bytes, as the archive states it
  bool stored = true;     // false: compressed, and not to be used
};

/// Whether the bytes begin as a zip archive does.
bool is_zip(std::span<const std::byte> archive);

/// The files of an archive, in the order of its directory; folders are left out. Throws Error(data)
/// for an archive that is cut short, for records that are encrypted, overlap, or lie outside the
/// archive, and for a name that occurs twice.
std::vector<ZipRecord> read_zip(std::span<const std::byte> archive);

/// Throws Error(data), naming the record, if the checksum of one record differs. All are stored.
void verify_zip(std::span<const std::byte> archive, const std::vector<ZipRecord>& records);

/// The CRC-32 of a zip archive.
std::uint32_t zip_checksum(std::span<const std::byte> bytes);

}  // namespace pinfeed
