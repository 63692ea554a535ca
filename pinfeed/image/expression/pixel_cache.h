// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "pinfeed/image/expression/image_expr.h"

namespace pinfeed::image {

/// The most recently used decoded images, up to a number of bytes. Holds images that later samples
/// use again (Encoded::again). Any thread may call any function.
class PixelCache {
 public:
  /// A whole image as it is stored, BGR uint8.
  struct Entry {
    std::string path = {};
    std::uint64_t file_bytes = 0;
    Size size = {};
    std::vector<std::byte> bytes = {};
    // For the cache, under its lock.
    std::size_t charged = 0;     // bytes that count against the limit
    std::uint64_t last_use = 0;  // number of the use, counted from 1
    int readers = 0;
    bool published = false;  // find() returns it

    ImageView view();
  };

  /// Keeps an entry from being evicted. The cache must outlive it.
  class Reader {
   public:
    Reader() = default;
    Reader(PixelCache& cache, Entry& entry) : cache_(&cache), entry_(&entry) {}
    Reader(Reader&& other) noexcept;
    Reader& operator=(Reader&& other) noexcept;
    ~Reader();

    explicit operator bool() const { return entry_ != nullptr; }
    Entry* operator->() const { return entry_; }

   private:
    friend class PixelCache;
    PixelCache* cache_ = nullptr;
    Entry* entry_ = nullptr;
  };

  explicit PixelCache(std::size_t bytes) : bytes_(bytes) {}

  /// Whether the image should be cached: it is used again, and takes at most 1/16 of the bytes.
  bool accepts(const Encoded& encoded) const;
  /// The image's pixels; empty where they are not cached.
  Reader find(const Encoded& encoded);
  /// An entry to decode the image into. Evicts the least recently used entries without readers. If
  /// all have readers, the cache exceeds its limit until they are done.
  Reader reserve(const Encoded& encoded);
  /// Makes a reserved entry visible to find(). Its pixels may not change any more.
  void publish(const Reader& reader);

 private:
  std::unique_ptr<Entry> evict_oldest();
  void release(Entry& entry);

  std::size_t bytes_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Entry>> entries_;
  std::size_t charged_ = 0;  // the sum over the entries
  std::uint64_t uses_ = 0;
};

}  // namespace pinfeed::image
