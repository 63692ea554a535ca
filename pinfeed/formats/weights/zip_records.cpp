// SPDX-License-Identifier: Apache-2.0
// Source of the rules: PKWARE's APPNOTE 6.3.10, 4.3 and 4.5.3.
//
// A zip archive ends with a record that points at its directory. The directory has an entry for
// each file, which points at a local header, behind which the bytes are. Archives with large files
// have a second end record with 64-bit numbers in front of the first one.
#include "pinfeed/formats/weights/zip_records.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <optional>
#include <set>

#include "pinfeed/core/error.h"
#include "pinfeed/formats/weights/byte_reader.h"

namespace pinfeed {
namespace {

constexpr std::uint32_t local_signature = 0x04034B50;
constexpr std::uint32_t entry_signature = 0x02014B50;
constexpr std::uint32_t end_signature = 0x06054B50;
constexpr std::uint32_t end64_signature = 0x06064B50;
constexpr std::uint32_t locator_signature = 0x07064B50;
constexpr std::size_t end_bytes = 22;
constexpr std::size_t locator_bytes = 20;
constexpr std::size_t longest_comment = 65535;
constexpr std::uint32_t in_extra_field = 0xFFFFFFFF;  // the number is in the 64-bit extra field

Error damaged(const std::string& what) {
  return {ErrorKind::data, "the zip archive is damaged or cut short: " + what};
}

struct Directory {
  std::size_t offset = 0;
  std::size_t size = 0;
};

// The offset of the end record: the last one whose comment ends with the archive.
std::size_t find_end(std::span<const std::byte> archive) {
  const ByteReader bytes(archive);
  for (std::size_t comment = 0; comment <= longest_comment; ++comment) {
    if (archive.size() < end_bytes + comment) break;
    const std::size_t at = archive.size() - end_bytes - comment;
    if (bytes.u32(at) == end_signature && bytes.u16(at + 20) == comment) return at;
  }
  throw damaged("its directory is missing");
}

Directory find_directory(std::span<const std::byte> archive) {
  const ByteReader bytes(archive);
  const std::size_t end = find_end(archive);
  Directory directory{.offset = bytes.u32(end + 16), .size = bytes.u32(end + 12)};
  std::size_t limit = end;
  if (end >= locator_bytes && bytes.u32(end - locator_bytes) == locator_signature) {
    const std::uint64_t at = bytes.u64(end - locator_bytes + 8);
    if (at >= end || bytes.u32(at) != end64_signature) throw damaged("its 64-bit end record");
    directory = {.offset = bytes.u64(at + 48), .size = bytes.u64(at + 40)};
    limit = at;
  }
  if (directory.offset > limit || directory.size > limit - directory.offset) {
    throw damaged("the directory lies outside the archive");
  }
  return directory;
}

// An entry of the directory, with the numbers of its extra field.
struct Entry {
  std::string_view name = {};
  std::uint64_t stored = 0;  // bytes in the archive
  std::uint64_t size = 0;    // bytes when unpacked
  std::uint64_t header = 0;  // offset of the local header
  std::uint32_t crc = 0;
  std::uint16_t method = 0;
  std::uint16_t flags = 0;
};

// Numbers that do not fit 32 bits are in the extra field 1, in a fixed order.
void read_extra_field(std::span<const std::byte> extra, Entry& entry) {
  const ByteReader bytes(extra);
  std::size_t at = 0;
  while (at + 4 <= extra.size()) {
    const std::size_t size = bytes.u16(at + 2);
    if (size > extra.size() - at - 4) throw damaged("an extra field");
    if (bytes.u16(at) == 1) {
      std::size_t number = at + 4;
      for (std::uint64_t* const value : {&entry.size, &entry.stored, &entry.header}) {
        if (*value != in_extra_field) continue;
        if (number + 8 > at + 4 + size) throw damaged("an extra field");
        *value = bytes.u64(number);
        number += 8;
      }
    }
    at += 4 + size;
  }
}

Entry read_entry(std::span<const std::byte> directory, std::size_t& at) {
  const ByteReader bytes(directory);
  if (bytes.u32(at) != entry_signature) throw damaged("an entry of its directory");
  Entry entry{.stored = bytes.u32(at + 20),
              .size = bytes.u32(at + 24),
              .header = bytes.u32(at + 42),
              .crc = bytes.u32(at + 16),
              .method = bytes.u16(at + 10),
              .flags = bytes.u16(at + 8)};
  const std::size_t name_size = bytes.u16(at + 28);
  const std::size_t extra_size = bytes.u16(at + 30);
  const std::size_t comment_size = bytes.u16(at + 32);
  entry.name = bytes.text(at + 46, name_size);
  read_extra_field(bytes.part(at + 46 + name_size, extra_size), entry);
  at += 46 + name_size + extra_size + comment_size;
  return entry;
}

// `limit` is the offset of the directory: no record reaches beyond it.
ZipRecord record_of(std::span<const std::byte> archive, const Entry& entry, std::size_t limit) {
  const ByteReader bytes(archive.first(limit));
  if ((entry.flags & 1U) != 0) {
    throw Error(ErrorKind::data, fmt::format("the record '{}' is encrypted", entry.name));
  }
  if (entry.header > limit || bytes.u32(entry.header) != local_signature) {
    throw damaged(fmt::format("the record '{}' is not where the directory says", entry.name));
  }
  const std::size_t name_size = bytes.u16(entry.header + 26);
  const std::size_t start = entry.header + 30 + name_size + bytes.u16(entry.header + 28);
  if (bytes.text(entry.header + 30, name_size) != entry.name) {
    throw damaged(fmt::format("the record '{}' has another name in its header", entry.name));
  }
  if (start > limit || entry.stored > limit - start) {
    throw damaged(fmt::format("the record '{}' ends outside the archive", entry.name));
  }
  return {std::string(entry.name), start, entry.stored, entry.crc,
          entry.method == 0 && entry.stored == entry.size};
}

void refuse_overlaps(const std::vector<ZipRecord>& records) {
  std::vector<const ZipRecord*> order;
  for (const ZipRecord& record : records) order.push_back(&record);
  std::sort(order.begin(), order.end(),
            [](const ZipRecord* a, const ZipRecord* b) { return a->offset < b->offset; });
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (order[i]->offset - order[i - 1]->offset >= order[i - 1]->size) continue;
    throw damaged(
        fmt::format("the records '{}' and '{}' overlap", order[i - 1]->name, order[i]->name));
  }
}

}  // namespace

bool is_zip(std::span<const std::byte> archive) {
  return archive.size() >= end_bytes && ByteReader(archive).u32(0) == local_signature;
}

std::vector<ZipRecord> read_zip(std::span<const std::byte> archive) {
  const Directory where = find_directory(archive);
  const auto directory = archive.subspan(where.offset, where.size);
  std::vector<ZipRecord> records;
  for (std::size_t at = 0; at < directory.size();) {
    const Entry entry = read_entry(directory, at);
    if (entry.name.ends_with('/') && entry.size == 0) continue;
    records.push_back(record_of(archive, entry, where.offset));
  }
  std::set<std::string_view> names;
  for (const ZipRecord& record : records) {
    if (!names.insert(record.name).second) {
      throw damaged(fmt::format("the record '{}' occurs twice", record.name));
    }
  }
  refuse_overlaps(records);
  return records;
}

void verify_zip(std::span<const std::byte> archive, const std::vector<ZipRecord>& records) {
  for (const ZipRecord& record : records) {
    const std::uint32_t crc = zip_checksum(archive.subspan(record.offset, record.size));
    if (crc == record.crc) continue;
    throw Error(ErrorKind::data,
                fmt::format("the record '{}' is damaged: its checksum is {:08x}, the archive says "
                            "{:08x}",
                            record.name, crc, record.crc));
  }
}

std::uint32_t zip_checksum(std::span<const std::byte> bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace pinfeed
