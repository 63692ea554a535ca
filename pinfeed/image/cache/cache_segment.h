// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pinfeed/core/file_descriptor.h"
#include "pinfeed/image/cache/cache_index.h"

namespace pinfeed::image {

/// A pair of files that only grow: NAME.records has records one behind the other, NAME.index what
/// they are of. An entry is written after its record, so that each entry is of a complete record.
/// One process at a time, the owner of a lock on the records, may append.
class CacheSegment {
 public:
  /// No further record is added to a segment of this size.
  static constexpr std::uint64_t full_bytes = std::uint64_t{256} << 20U;
  static constexpr std::uint64_t max_record_bytes = std::uint64_t{128} << 20U;

  /// Opens the segment `base`.records. With `to_append`, also takes the lock if no other process
  /// has it, and cuts what a process left that ended while it wrote. Throws Error(system).
  CacheSegment(std::string base, bool to_append);
  /// Creates a new segment in the folder and takes its lock. Throws Error(system).
  static CacheSegment create(const std::string& folder);
  CacheSegment(CacheSegment&& other) noexcept;
  CacheSegment& operator=(CacheSegment&&) = delete;
  ~CacheSegment();

  /// The entries that were added to the index since the last call, by any process. An entry whose
  /// record is not within the file is left out.
  std::vector<IndexEntry> new_entries();
  /// The bytes of a record. Valid as long as the segment.
  std::span<const std::byte> record(const IndexEntry& entry) const {
    return {map_ + entry.offset, entry.bytes};
  }
  /// Whether the file still has all bytes of the record. It may have been shortened by others.
  bool has(const IndexEntry& entry) const;
  /// Appends a record and its entry, whose offset it sets. Throws Error(system), without a trace in
  /// the files if the disk is full.
  void append(IndexEntry& entry, std::span<const std::byte> bytes);

  bool locked() const { return locked_; }
  /// Whether no further record may be added: the segment is large enough, or another program has
  /// shortened it. A record behind the shortened part would make the lost ones look complete again.
  bool full() const;
  /// Of both files, as far as they are known.
  std::uint64_t bytes() const { return records_end_ + index_end_; }
  const std::string& base() const { return base_; }

 private:
  void map_records();
  void cut();

  std::string base_;
  FileDescriptor records_;
  FileDescriptor index_;
  bool locked_ = false;
  const std::byte* map_ = nullptr;
  // Changed by the thread that reads or appends; bytes() is called by any thread.
  std::atomic<std::uint64_t> records_end_ = 0;  // behind the last record of an entry
  std::atomic<std::uint64_t> index_end_ = 0;    // behind the last entry that was read
};

/// Removes the files of all segments from a folder, and no others. Returns their bytes. Throws
/// Error(system).
std::uint64_t remove_segments(const std::string& folder);

}  // namespace pinfeed::image
