// SPDX-License-Identifier: Apache-2.0
// How threads share decoded images.
//
// The lock is held only while the list of entries changes, never while an image is decoded or read.
// An entry has three states: reserved (one thread decodes into it; find() does not return it),
// published (its pixels never change again), and evicted. The number of readers, changed under the
// lock, keeps an entry in its state: only entries without readers are evicted. So a thread that has
// a Reader may use the pixels without the lock.
//
// Two threads may decode the same file at the same time, each into an entry of its own. This costs
// only time, since both get the same pixels; the second entry is evicted like any other. An entry
// that is never published (the file is truncated or broken) has last_use 0 and is evicted first. An
// evicted entry is reused for an image of similar size, so that its memory is not allocated again.
#include "pinfeed/image/expression/pixel_cache.h"

#include <algorithm>
#include <utility>

namespace pinfeed::image {
namespace {

constexpr std::size_t max_entries = 256;

std::size_t stored_bytes(const Encoded& encoded) {
  const Size size = encoded.header.stored;
  return std::size_t{3} * static_cast<std::size_t>(size.width) *
         static_cast<std::size_t>(size.height);
}

bool is_of(const PixelCache::Entry& entry, const Encoded& encoded) {
  return entry.file_bytes == encoded.header.file_bytes && entry.size == encoded.header.stored &&
         entry.path == encoded.path;
}

// Whether the entry's memory is enough and not much more: the rest would count against the limit.
bool can_hold(const PixelCache::Entry& entry, std::size_t size) {
  const std::size_t capacity = entry.bytes.capacity();
  return capacity >= size && capacity / 2 <= size;
}

}  // namespace

ImageView PixelCache::Entry::view() {
  return {bytes.data(), size.height, size.width, 3, std::ptrdiff_t{3} * size.width, DType::uint8};
}

bool PixelCache::accepts(const Encoded& encoded) const {
  constexpr std::size_t min_images = 16;        // that the cache has memory for
  const bool has_name = !encoded.path.empty();  // an image in memory has none
  return encoded.again && has_name && stored_bytes(encoded) <= bytes_ / min_images;
}

PixelCache::Reader::Reader(Reader&& other) noexcept
    : cache_(other.cache_), entry_(std::exchange(other.entry_, nullptr)) {}

PixelCache::Reader& PixelCache::Reader::operator=(Reader&& other) noexcept {
  std::swap(cache_, other.cache_);
  std::swap(entry_, other.entry_);
  return *this;
}

PixelCache::Reader::~Reader() {
  if (entry_ != nullptr) cache_->release(*entry_);
}

void PixelCache::release(Entry& entry) {
  const std::lock_guard lock(mutex_);
  --entry.readers;
}

PixelCache::Reader PixelCache::find(const Encoded& encoded) {
  const std::lock_guard lock(mutex_);
  for (const auto& entry : entries_) {
    if (!entry->published || !is_of(*entry, encoded)) continue;
    entry->last_use = ++uses_;
    ++entry->readers;
    return {*this, *entry};
  }
  return {};
}

// Removes the least recently used entry without readers; null if every entry has readers.
std::unique_ptr<PixelCache::Entry> PixelCache::evict_oldest() {
  auto oldest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    const bool older = oldest == entries_.end() || (*it)->last_use < (*oldest)->last_use;
    if ((*it)->readers == 0 && older) oldest = it;
  }
  if (oldest == entries_.end()) return nullptr;
  std::swap(*oldest, entries_.back());
  std::unique_ptr<Entry> entry = std::move(entries_.back());
  entries_.pop_back();
  charged_ -= entry->charged;
  return entry;
}

PixelCache::Reader PixelCache::reserve(const Encoded& encoded) {
  const std::size_t size = stored_bytes(encoded);
  Entry* reserved = nullptr;
  {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<Entry> entry;
    while (charged_ + size > bytes_ || entries_.size() >= max_entries) {
      std::unique_ptr<Entry> evicted = evict_oldest();
      if (!evicted) break;
      entry = std::move(evicted);
    }
    if (!entry || !can_hold(*entry, size)) entry = std::make_unique<Entry>();
    entry->charged = std::max(size, entry->bytes.capacity());
    entry->last_use = 0;
    entry->readers = 1;
    entry->published = false;
    charged_ += entry->charged;
    reserved = entry.get();
    entries_.push_back(std::move(entry));
  }
  Reader reader(*this, *reserved);
  reserved->path.assign(encoded.path);
  reserved->file_bytes = encoded.header.file_bytes;
  reserved->size = encoded.header.stored;
  reserved->bytes.resize(size);
  return reader;
}

void PixelCache::publish(const Reader& reader) {
  const std::lock_guard lock(mutex_);
  reader.entry_->last_use = ++uses_;
  reader.entry_->published = true;
}

}  // namespace pinfeed::image
