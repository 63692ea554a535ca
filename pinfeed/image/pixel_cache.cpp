// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/pixel_cache.h"

#include <algorithm>
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
  constexpr std::size_t least = 16;  // pictures in all
  return encoded.again && stored_bytes(encoded) <= bytes_ / least;
}

std::shared_ptr<PixelCache::Entry> PixelCache::find(const Encoded& encoded) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const auto& entry) { return is_of(*entry, encoded); });
  if (found == entries_.end()) return nullptr;
  (*found)->used = ++uses_;
  return *found;
}

// Those that a thread looks at have another owner.
std::shared_ptr<PixelCache::Entry> PixelCache::oldest_unseen() {
  auto oldest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    const bool older = oldest == entries_.end() || (*it)->used < (*oldest)->used;
    if (it->use_count() == 1 && older) oldest = it;
  }
  if (oldest == entries_.end()) return nullptr;
  std::shared_ptr<Entry> entry = std::move(*oldest);
  *oldest = std::move(entries_.back());
  entries_.pop_back();
  held_ -= entry->bytes.size();
  return entry;
}

std::shared_ptr<PixelCache::Entry> PixelCache::room_for(const Encoded& encoded) {
  const std::size_t size = stored_bytes(encoded);
  std::shared_ptr<Entry> entry;
  {
    const std::lock_guard lock(mutex_);
    while (held_ + size > bytes_ || entries_.size() >= most_entries) {
      std::shared_ptr<Entry> old = oldest_unseen();
      if (!old) break;
      entry = std::move(old);
    }
  }
  if (!entry) entry = std::make_shared<Entry>();
  entry->path.assign(encoded.path);
  entry->file_bytes = encoded.header.file_bytes;
  entry->size = encoded.header.stored;
  entry->bytes.resize(size);
  return entry;
}

void PixelCache::keep(std::shared_ptr<Entry> entry) {
  const std::lock_guard lock(mutex_);
  entry->used = ++uses_;
  held_ += entry->bytes.size();
  entries_.push_back(std::move(entry));
}

}  // namespace pinfeed::image
