// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "pinfeed/image/cache/cache_index.h"
#include "pinfeed/image/cache/cache_options.h"
#include "pinfeed/image/cache/cache_segment.h"
#include "pinfeed/image/codec/jpeg/coefficient_record.h"

namespace pinfeed::image {

/// An image in the cache. Stays where it is until the cache is destroyed.
struct CachedImage {
  IndexEntry entry = {};
  std::span<const std::byte> record = {};
  const CacheSegment* segment = nullptr;
  mutable std::atomic<bool> checked = false;  // its hash was compared
  mutable std::atomic<bool> damaged = false;  // and differed

  const Header& header() const { return entry.header; }
};

/// What a cache has done since it was opened.
struct CacheStats {
  std::int64_t images = 0;   // that can be found
  std::int64_t bytes = 0;    // of the files in the folder
  std::int64_t hits = 0;     // lookups that found an image
  std::int64_t misses = 0;   // lookups that found none
  std::int64_t stale = 0;    // misses where another version of the file is cached
  std::int64_t damaged = 0;  // records whose hash or contents are wrong
  std::int64_t added = 0;    // records written
  std::int64_t dropped = 0;  // records that came faster than they could be written
};

/// A folder with the coefficients of JPEGs, from which pixels are computed without reading Huffman
/// codes (docs/cache.md). Several processes may read and fill one folder. Any thread may call any
/// function.
class CoefficientCache {
 public:
  /// Opens the folder, which is created in mode `fill`. Throws Error(config) for a folder that does
  /// not exist in the other modes, and Error(system).
  explicit CoefficientCache(CacheOptions options);
  /// Writes what add() was given.
  ~CoefficientCache();
  CoefficientCache(const CoefficientCache&) = delete;
  CoefficientCache& operator=(const CoefficientCache&) = delete;

  const CacheOptions& options() const { return options_; }

  /// The image of this file; null if there is none.
  const CachedImage* find(std::string_view path, std::uint64_t file_bytes, std::int64_t mtime_ns);
  /// The newest image of this path, whatever its file is now.
  const CachedImage* find(std::string_view path);
  /// Compares the record's hash at the first call, and keeps the result; each call looks whether
  /// the file was shortened. An image for which this is false is not found again.
  bool is_intact(const CachedImage& image);

  /// Whether records are added: in mode `fill`, while there is space.
  bool accepts() const { return accepts_.load(std::memory_order_relaxed); }
  /// Adds the record in the first entry.bytes of `memory`, which is written later. `entry` also
  /// needs path, mtime_ns, file_hash and header.
  void add(IndexEntry entry, jpeg::RecordMemory memory);
  /// Memory of a record that was written, for the next one; empty if there is none.
  jpeg::RecordMemory spare_memory();
  /// Waits until all records that add() was given are written.
  void flush();

  CacheStats stats() const;
  /// Calls `visit` with each image that can be found.
  void for_each(const std::function<void(const CachedImage&)>& visit) const;
  /// A warning, once; empty if there is none.
  std::string take_warning();

 private:
  struct Pending {
    IndexEntry entry = {};
    jpeg::RecordMemory memory = {};

    std::span<const std::byte> record() const {
      return std::as_bytes(std::span(memory)).first(entry.bytes);
    }
  };
  using Images = std::vector<const CachedImage*>;

  void open_segments();
  void read_new_entries(CacheSegment& segment);
  void insert(IndexEntry entry, const CacheSegment& segment);
  const CachedImage* found(std::string_view path, const std::uint64_t* file_bytes,
                           std::int64_t mtime_ns, bool& other_version) const;
  const CachedImage* find_or_refresh(std::string_view path, const std::uint64_t* file_bytes,
                                     std::int64_t mtime_ns);
  bool refresh_is_due();
  void write_pending();
  void write_one(Pending& pending);
  void keep_memory(jpeg::RecordMemory memory);
  CacheSegment* segment_to_append();
  void stop_adding(const std::string& reason);
  std::uint64_t bytes_in_folder() const;

  CacheOptions options_;
  std::atomic<bool> accepts_ = false;

  mutable std::shared_mutex mutex_;                                // for the next four
  std::map<std::string, std::unique_ptr<CacheSegment>> segments_;  // by base name
  std::deque<CachedImage> images_;
  std::unordered_map<std::string, Images> by_path_;
  std::chrono::steady_clock::time_point refreshed_ = {};
  CacheSegment* own_ = nullptr;  // the one that this process appends to

  mutable std::mutex queue_mutex_;  // for the next members
  std::condition_variable wake_writer_;
  std::condition_variable written_;
  std::deque<Pending> queue_;
  std::vector<jpeg::RecordMemory> spare_;
  std::size_t queued_bytes_ = 0;
  bool writing_ = false;
  bool stopping_ = false;
  std::string warning_;
  std::thread writer_;  // since the first add()

  mutable std::atomic<std::int64_t> hits_ = 0;
  mutable std::atomic<std::int64_t> misses_ = 0;
  mutable std::atomic<std::int64_t> stale_ = 0;
  std::atomic<std::int64_t> damaged_ = 0;
  std::atomic<std::int64_t> added_ = 0;
  std::atomic<std::int64_t> dropped_ = 0;
};

/// The cache of these options; the loaders of one process share those with equal options. Null
/// without a folder. Throws as the constructor.
std::shared_ptr<CoefficientCache> open_cache(const CacheOptions& options);

}  // namespace pinfeed::image
