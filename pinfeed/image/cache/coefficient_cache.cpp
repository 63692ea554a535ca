// SPDX-License-Identifier: Apache-2.0
// Lookups take the lock shared. New entries, of this process and of others, take it exclusively for
// as long as they are inserted. Images and segments are never removed while the cache is open, so
// pointers to them stay valid without the lock.
#include "pinfeed/image/cache/coefficient_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/thread.h"
#include "pinfeed/image/codec/jpeg/coefficient_record.h"

namespace pinfeed::image {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds refresh_interval{2};

}  // namespace

CoefficientCache::CoefficientCache(CacheOptions options) : options_(std::move(options)) {
  std::error_code failed;
  if (options_.mode == CacheMode::fill) fs::create_directories(options_.folder, failed);
  if (!fs::is_directory(options_.folder)) {
    const std::string reason = failed ? failed.message() : "there is no such folder";
    throw Error(ErrorKind::config, "the cache '" + options_.folder + "': " + reason)
        .inside("pinfeed.cache");
  }
  open_segments();
  accepts_ = options_.mode == CacheMode::fill;
}

CoefficientCache::~CoefficientCache() {
  if (!writer_.joinable()) return;
  {
    const std::lock_guard lock(queue_mutex_);
    stopping_ = true;
  }
  wake_writer_.notify_all();
  writer_.join();
}

// Opens the segments that are not open yet, and reads what is new in all. A segment that cannot be
// read, or is just being created, is left out.
void CoefficientCache::open_segments() {
  const std::lock_guard lock(mutex_);
  refreshed_ = std::chrono::steady_clock::now();
  std::error_code failed;
  for (const fs::directory_entry& file : fs::directory_iterator(options_.folder, failed)) {
    if (file.path().extension() != ".index") continue;
    const std::string base = fs::path(file.path()).replace_extension().string();
    if (segments_.contains(base)) continue;
    try {
      const bool to_append = options_.mode == CacheMode::fill && own_ == nullptr;
      auto segment = std::make_unique<CacheSegment>(base, to_append);
      CacheSegment* opened = segment.get();
      segments_.emplace(base, std::move(segment));
      read_new_entries(*opened);
      if (opened->locked() && !opened->full()) own_ = opened;
    } catch (const Error&) {
      continue;
    }
  }
  for (const auto& [base, segment] : segments_) {
    if (segment.get() != own_) read_new_entries(*segment);
  }
}

void CoefficientCache::read_new_entries(CacheSegment& segment) {
  for (IndexEntry& entry : segment.new_entries()) insert(std::move(entry), segment);
}

void CoefficientCache::insert(IndexEntry entry, const CacheSegment& segment) {
  CachedImage& image = images_.emplace_back();
  image.record = segment.record(entry);
  image.segment = &segment;
  image.entry = std::move(entry);
  by_path_[image.entry.path].push_back(&image);
}

const CachedImage* CoefficientCache::found(std::string_view path, const std::uint64_t* file_bytes,
                                           std::int64_t mtime_ns, bool& other_version) const {
  const std::shared_lock lock(mutex_);
  thread_local std::string key;
  key.assign(path);
  const auto images = by_path_.find(key);
  if (images == by_path_.end()) return nullptr;
  const CachedImage* best = nullptr;
  for (const CachedImage* image : images->second) {
    if (image->damaged) continue;
    const bool same = file_bytes == nullptr || (image->header().file_bytes == *file_bytes &&
                                                image->entry.mtime_ns == mtime_ns);
    if (!same) other_version = true;
    if (same && (best == nullptr || image->entry.mtime_ns >= best->entry.mtime_ns)) best = image;
  }
  return best;
}

bool CoefficientCache::refresh_is_due() {
  const std::shared_lock lock(mutex_);
  return std::chrono::steady_clock::now() - refreshed_ > refresh_interval;
}

// Other processes may have added the image meanwhile.
const CachedImage* CoefficientCache::find_or_refresh(std::string_view path,
                                                     const std::uint64_t* file_bytes,
                                                     std::int64_t mtime_ns) {
  bool other_version = false;
  const CachedImage* image = found(path, file_bytes, mtime_ns, other_version);
  if (image == nullptr && refresh_is_due()) {
    open_segments();
    image = found(path, file_bytes, mtime_ns, other_version);
  }
  ++(image != nullptr ? hits_ : misses_);
  if (image == nullptr && other_version) ++stale_;
  return image;
}

const CachedImage* CoefficientCache::find(std::string_view path, std::uint64_t file_bytes,
                                          std::int64_t mtime_ns) {
  return find_or_refresh(path, &file_bytes, mtime_ns);
}

const CachedImage* CoefficientCache::find(std::string_view path) {
  return find_or_refresh(path, nullptr, 0);
}

// The bytes of a mapped file that was shortened cannot be read.
bool CoefficientCache::is_intact(const CachedImage& image) {
  if (image.damaged) return false;
  bool intact = image.segment->has(image.entry);
  if (intact && image.checked) return true;
  intact = intact && hash_of(image.record) == image.entry.record_hash;
  if (intact) {
    const auto record = jpeg::CoefficientRecord::read(image.record);
    intact = record && record->info().size == image.header().stored;
  }
  if (!intact && !image.damaged.exchange(true)) ++damaged_;
  image.checked = true;
  return intact;
}

void CoefficientCache::add(IndexEntry entry, jpeg::RecordMemory memory) {
  constexpr std::size_t max_queued = std::size_t{64} << 20U;
  if (!accepts() || entry.bytes > CacheSegment::max_record_bytes) return;
  const std::lock_guard lock(queue_mutex_);
  if (queued_bytes_ > 0 && queued_bytes_ + entry.bytes > max_queued) {
    ++dropped_;
    keep_memory(std::move(memory));
    return;
  }
  if (!writer_.joinable())
    writer_ = start_thread("pinfeed-cache", Priority::background, [this] { write_pending(); });
  queued_bytes_ += entry.bytes;
  queue_.push_back({std::move(entry), std::move(memory)});
  wake_writer_.notify_one();
}

jpeg::RecordMemory CoefficientCache::spare_memory() {
  const std::lock_guard lock(queue_mutex_);
  if (spare_.empty()) return {};
  jpeg::RecordMemory memory = std::move(spare_.back());
  spare_.pop_back();
  return memory;
}

// With the lock.
void CoefficientCache::keep_memory(jpeg::RecordMemory memory) {
  constexpr std::size_t most = 16;
  constexpr std::size_t largest = std::size_t{4} << 20U;
  if (spare_.size() < most && memory.size() <= largest) spare_.push_back(std::move(memory));
}

void CoefficientCache::flush() {
  std::unique_lock lock(queue_mutex_);
  written_.wait(lock, [this] { return queue_.empty() && !writing_; });
}

void CoefficientCache::write_pending() {
  std::unique_lock lock(queue_mutex_);
  while (true) {
    wake_writer_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Pending pending = std::move(queue_.front());
    queue_.pop_front();
    const std::size_t bytes = pending.entry.bytes;
    writing_ = true;
    lock.unlock();
    write_one(pending);
    lock.lock();
    writing_ = false;
    queued_bytes_ -= bytes;
    keep_memory(std::move(pending.memory));
    if (queue_.empty()) written_.notify_all();
  }
}

void CoefficientCache::write_one(Pending& pending) {
  if (!accepts()) return;
  bool ignored = false;
  const std::uint64_t file_bytes = pending.entry.header.file_bytes;
  const bool is_there =
      found(pending.entry.path, &file_bytes, pending.entry.mtime_ns, ignored) != nullptr;
  if (is_there) return;  // several batches may use one image
  try {
    pending.entry.record_hash = hash_of(pending.record());
    if (options_.limit && bytes_in_folder() + pending.entry.bytes + 512 >
                              static_cast<std::uint64_t>(*options_.limit)) {
      return stop_adding(fmt::format("the cache '{}' is full: cache_limit is {} bytes",
                                     options_.folder, *options_.limit));
    }
    CacheSegment* segment = segment_to_append();
    segment->append(pending.entry, pending.record());
    const std::lock_guard lock(mutex_);
    insert(std::move(pending.entry), *segment);
    ++added_;
  } catch (const Error& error) {
    stop_adding(error.text());
  }
}

// Only the writer changes own_ once the cache is open, except that open_segments() sets it while it
// is null.
CacheSegment* CoefficientCache::segment_to_append() {
  const std::lock_guard lock(mutex_);
  if (own_ != nullptr && !own_->full()) return own_;
  for (int attempt = 0; attempt < 10; ++attempt) {
    auto segment = std::make_unique<CacheSegment>(CacheSegment::create(options_.folder));
    CacheSegment* created = segment.get();
    segments_.emplace(created->base(), std::move(segment));
    if (!created->locked()) continue;  // another process was faster
    return own_ = created;
  }
  throw Error(ErrorKind::system, "cannot lock a new segment in '" + options_.folder + "'");
}

void CoefficientCache::stop_adding(const std::string& reason) {
  accepts_ = false;
  const std::lock_guard lock(queue_mutex_);
  warning_ = reason + "; no further images are added to the cache";
}

std::uint64_t CoefficientCache::bytes_in_folder() const {
  const std::shared_lock lock(mutex_);
  std::uint64_t bytes = 0;
  for (const auto& [base, segment] : segments_) bytes += segment->bytes();
  return bytes;
}

CacheStats CoefficientCache::stats() const {
  CacheStats stats = {.bytes = static_cast<std::int64_t>(bytes_in_folder()),
                      .hits = hits_,
                      .misses = misses_,
                      .stale = stale_,
                      .damaged = damaged_,
                      .added = added_,
                      .dropped = dropped_};
  const std::shared_lock lock(mutex_);
  stats.images = static_cast<std::int64_t>(by_path_.size());
  return stats;
}

void CoefficientCache::for_each(const std::function<void(const CachedImage&)>& visit) const {
  std::vector<const CachedImage*> all;
  {
    const std::shared_lock lock(mutex_);
    for (const CachedImage& image : images_) all.push_back(&image);
  }
  for (const CachedImage* image : all) {
    if (!image->damaged) visit(*image);
  }
}

std::string CoefficientCache::take_warning() {
  const std::lock_guard lock(queue_mutex_);
  return std::exchange(warning_, "");
}

std::shared_ptr<CoefficientCache> open_cache(const CacheOptions& options) {
  if (options.folder.empty()) return nullptr;
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<CoefficientCache>> open;
  const std::lock_guard lock(mutex);
  const std::string key =
      fmt::format("{}|{}|{}", static_cast<int>(options.mode), options.limit.value_or(-1),
                  fs::absolute(options.folder).lexically_normal().string());
  std::shared_ptr<CoefficientCache> cache = open[key].lock();
  if (!cache) open[key] = cache = std::make_shared<CoefficientCache>(options);
  return cache;
}

}  // namespace pinfeed::image
