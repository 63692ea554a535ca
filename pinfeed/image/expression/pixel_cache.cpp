// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/pixel_cache.h"

#include <utility>

namespace pinfeed::image {
namespace {

constexpr std::size_t most_entries = 256;

std::size_t stored_bytes(const Encoded& encoded) {
  const Size size = encoded.header.stored;
  return std::size_t{3} * static_cast<std::size_t>(size.width) *
         static_cast<std::size_t>(size.height);
}

bool is_of(const PixelCache::Entry& entry, const Encoded& encoded) {
  return entry.file_bytes == encoded.header.file_bytes && entry.size == encoded.header.stored &&
         entry.path == encoded.path;
}

}  // namespace

ImageView PixelCache::Entry::view() {
  return {bytes.data(), size.height, size.width, 3, std::ptrdiff_t{3} * size.width, DType::uint8};
}

bool PixelCache::takes(const Encoded& encoded) const {
  constexpr std::size_t least = 16;  // images in all
  return encoded.again && stored_bytes(encoded) <= bytes_ / least;
}

PixelCache::Reader::Reader(Reader&& other) noexcept
    : cache_(other.cache_), entry_(std::exchange(other.entry_, nullptr)) {}

PixelCache::Reader& PixelCache::Reader::operator=(Reader&& other) noexcept {
  std::swap(cache_, other.cache_);
  std::swap(entry_, other.entry_);
  return *this;
}

PixelCache::Reader::~Reader() {
  if (entry_ != nullptr) cache_->leave(*entry_);
}

void PixelCache::leave(Entry& entry) {
  const std::lock_guard lock(mutex_);
  --entry.lookers;
}

PixelCache::Reader PixelCache::find(const Encoded& encoded) {
  const std::lock_guard lock(mutex_);
  for (const auto& entry : entries_) {
    if (!entry->found || !is_of(*entry, encoded)) continue;
    entry->used = ++uses_;
    ++entry->lookers;
    return {*this, *entry};
  }
  return {};
}

// Of those that nobody looks at; null where there is none.
std::unique_ptr<PixelCache::Entry> PixelCache::without_oldest() {
  auto oldest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    const bool older = oldest == entries_.end() || (*it)->used < (*oldest)->used;
    if ((*it)->lookers == 0 && older) oldest = it;
  }
  if (oldest == entries_.end()) return nullptr;
  std::swap(*oldest, entries_.back());
  std::unique_ptr<Entry> entry = std::move(entries_.back());
  entries_.pop_back();
  held_ -= entry->charged;
  return entry;
}

PixelCache::Reader PixelCache::room_for(const Encoded& encoded) {
  const std::size_t size = stored_bytes(encoded);
  Entry* made = nullptr;
  {
    const std::lock_guard lock(mutex_);
    std::unique_ptr<Entry> entry;
    while (held_ + size > bytes_ || entries_.size() >= most_entries) {
      std::unique_ptr<Entry> old = without_oldest();
      if (!old) break;
      entry = std::move(old);
    }
    if (!entry) entry = std::make_unique<Entry>();
    entry->charged = size;
    entry->used = 0;
    entry->lookers = 1;
    entry->found = false;
    held_ += size;
    made = entry.get();
    entries_.push_back(std::move(entry));
  }
  Reader reader(*this, *made);
  made->path.assign(encoded.path);
  made->file_bytes = encoded.header.file_bytes;
  made->size = encoded.header.stored;
  made->bytes.resize(size);
  return reader;
}

void PixelCache::keep(const Reader& reader) {
  const std::lock_guard lock(mutex_);
  reader.entry_->used = ++uses_;
  reader.entry_->found = true;
}

}  // namespace pinfeed::image
