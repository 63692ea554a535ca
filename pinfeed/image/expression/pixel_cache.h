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

/// Stored images that were decoded and are soon looked at again (Encoded::again): those looked at
/// last, up to a number of bytes. Any thread.
class PixelCache {
 public:
  /// A whole image as it is stored, BGR uint8.
  struct Entry {
    std::string path = {};
    std::uint64_t file_bytes = 0;
    Size size = {};
    std::vector<std::byte> bytes = {};
    // The cache's own, under its lock.
    std::size_t charged = 0;  // bytes
    std::uint64_t used = 0;   // when, counted in uses
    int lookers = 0;
    bool found = false;

    ImageView view();
  };

  /// While it lives the entry stays as it is. The cache must outlive it.
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

  /// Whether the image is to be kept: it is looked at again, and leaves room for others.
  bool takes(const Encoded& encoded) const;
  /// Its pixels; empty where they are not kept.
  Reader find(const Encoded& encoded);
  /// An entry to decode it into, in the place of those that nobody has looked at for longest.
  Reader room_for(const Encoded& encoded);
  /// From now on it is found. Its pixels may not change any more.
  void keep(const Reader& reader);

 private:
  std::unique_ptr<Entry> without_oldest();
  void leave(Entry& entry);

  std::size_t bytes_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Entry>> entries_;
  std::size_t held_ = 0;  // bytes of the entries
  std::uint64_t uses_ = 0;
};

}  // namespace pinfeed::image
