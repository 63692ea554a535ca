// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/cache/cache_segment.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <utility>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/round_up.h"
#include "pinfeed/core/system_call.h"

namespace pinfeed::image {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t head_bytes = 64;  // of both files
constexpr std::string_view records_mark = "PFCRECS1";
constexpr std::string_view index_mark = "PFCINDX1";
constexpr std::uint64_t record_alignment = 64;
// More than a segment can have: pages behind the end of the file become readable as it grows.
constexpr std::uint64_t mapped_bytes =
    CacheSegment::full_bytes + CacheSegment::max_record_bytes + head_bytes;

std::uint64_t size_of_file(int file, const std::string& path) {
  struct stat status = {};
  if (::fstat(file, &status) != 0) throw failed_call("read", path, ErrorKind::system);
  return static_cast<std::uint64_t>(status.st_size);
}

void write_at(int file, std::uint64_t offset, std::span<const std::byte> bytes,
              const std::string& path) {
  while (!bytes.empty()) {
    const auto done = retried(
        [&] { return ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
    if (done < 0) throw failed_call("write", path, ErrorKind::system);
    bytes = bytes.subspan(static_cast<std::size_t>(done));
    offset += static_cast<std::uint64_t>(done);
  }
}

std::array<std::byte, head_bytes> head_of(std::string_view mark) {
  std::array<std::byte, head_bytes> head = {};
  std::copy_n(reinterpret_cast<const std::byte*>(mark.data()), mark.size(), head.begin());
  return head;
}

void write_head(int file, std::string_view mark, const std::string& path) {
  write_at(file, 0, head_of(mark), path);
}

bool has_head(int file, std::string_view mark, const std::string& path) {
  std::array<std::byte, head_bytes> head = {};
  if (read_at(file, 0, head, path, ErrorKind::system) < head.size()) return false;
  return std::equal(mark.begin(), mark.end(), reinterpret_cast<const char*>(head.data()));
}

FileDescriptor opened(const std::string& path, int flags) {
  FileDescriptor file(retried([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0644); }));
  if (!file.open()) throw failed_call("open", path, ErrorKind::system);
  return file;
}

// Whether the file has the first bytes of a head, and nothing else.
bool has_part_of_head(int file, std::string_view mark, const std::string& path) {
  std::array<std::byte, head_bytes + 1> bytes = {};
  const std::size_t size = read_at(file, 0, bytes, path, ErrorKind::system);
  const std::array<std::byte, head_bytes> head = head_of(mark);
  return size <= head_bytes && std::equal(bytes.data(), bytes.data() + size, head.data());
}

// Whether a process was killed while it created the segment. Other files are left alone: the name
// must be one that create() gives.
bool is_being_created(const std::string& base, int records, int index) {
  if (size_of_file(index, base) >= head_bytes) return false;
  const std::string name = fs::path(base).filename();
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return name.size() > 17 && std::all_of(name.begin(), name.begin() + 16, is_digit) &&
         name[16] == '-' && has_part_of_head(records, records_mark, base) &&
         has_part_of_head(index, index_mark, base);
}

// A folder or disk that cannot be written gives a segment that can be read.
FileDescriptor opened_to_append(const std::string& path, bool& writable) {
  FileDescriptor file(retried([&] { return ::open(path.c_str(), O_RDWR | O_CLOEXEC); }));
  writable = file.open();
  return writable ? std::move(file) : opened(path, O_RDONLY);
}

}  // namespace

CacheSegment::CacheSegment(std::string base, bool to_append) : base_(std::move(base)) {
  bool writable = to_append;
  records_ = to_append ? opened_to_append(base_ + ".records", writable)
                       : opened(base_ + ".records", O_RDONLY);
  index_ = opened(base_ + ".index", writable ? O_RDWR : O_RDONLY);
  if (writable) locked_ = ::flock(records_.number(), LOCK_EX | LOCK_NB) == 0;
  if (locked_ && is_being_created(base_, records_.number(), index_.number())) {
    write_head(records_.number(), records_mark, base_ + ".records");
    write_head(index_.number(), index_mark, base_ + ".index");
  }
  records_end_ = index_end_ = head_bytes;
  const bool known = has_head(records_.number(), records_mark, base_) &&
                     has_head(index_.number(), index_mark, base_);
  if (!known) throw Error(ErrorKind::data, base_ + ".index is not an index of this version");
  map_records();
}

CacheSegment CacheSegment::create(const std::string& folder) {
  for (int attempt = 0;; ++attempt) {
    const auto now = std::chrono::system_clock::now().time_since_epoch().count();
    const std::string base = fmt::format("{}/{:016x}-{}-{}", folder, now, ::getpid(), attempt);
    const int flags = O_RDWR | O_CREAT | O_EXCL;
    const FileDescriptor records(
        retried([&] { return ::open((base + ".records").c_str(), flags | O_CLOEXEC, 0644); }));
    if (!records.open() && errno == EEXIST && attempt < 100) continue;
    if (!records.open()) throw failed_call("write", base + ".records", ErrorKind::system);
    if (::flock(records.number(), LOCK_EX | LOCK_NB) != 0) {
      const Error error = failed_call("lock", base + ".records", ErrorKind::system);
      ::unlink((base + ".records").c_str());
      throw error;  // some network file systems have no locks
    }
    write_head(records.number(), records_mark, base + ".records");
    {
      const FileDescriptor index = opened(base + ".index", flags);
      write_head(index.number(), index_mark, base + ".index");
    }
    ::flock(records.number(), LOCK_UN);
    return {base, true};
  }
}

CacheSegment::CacheSegment(CacheSegment&& other) noexcept
    : base_(std::move(other.base_)),
      records_(std::move(other.records_)),
      index_(std::move(other.index_)),
      locked_(other.locked_),
      map_(std::exchange(other.map_, nullptr)),
      records_end_(other.records_end_.load()),
      index_end_(other.index_end_.load()) {}

CacheSegment::~CacheSegment() {
  if (map_ != nullptr) ::munmap(const_cast<std::byte*>(map_), mapped_bytes);
}

bool CacheSegment::has(const IndexEntry& entry) const {
  struct stat status = {};
  return ::fstat(records_.number(), &status) == 0 &&
         static_cast<std::uint64_t>(status.st_size) >= entry.offset + entry.bytes;
}

bool CacheSegment::full() const {
  struct stat status = {};
  return records_end_ >= full_bytes || ::fstat(records_.number(), &status) != 0 ||
         static_cast<std::uint64_t>(status.st_size) < records_end_;
}

void CacheSegment::map_records() {
  void* map = ::mmap(nullptr, mapped_bytes, PROT_READ, MAP_SHARED, records_.number(), 0);
  if (map == MAP_FAILED) throw failed_call("map", base_ + ".records", ErrorKind::system);
  map_ = static_cast<const std::byte*>(map);
}

std::vector<IndexEntry> CacheSegment::new_entries() {
  std::vector<IndexEntry> entries;
  const std::uint64_t index_size = size_of_file(index_.number(), base_);
  const std::uint64_t records_size = size_of_file(records_.number(), base_);
  if (index_size > index_end_) {
    std::vector<std::byte> bytes(index_size - index_end_);
    bytes.resize(read_at(index_.number(), index_end_, bytes, base_, ErrorKind::system));
    std::span<const std::byte> rest = bytes;
    std::size_t size = 0;
    while (std::optional<IndexEntry> entry = read_entry(rest, size)) {
      rest = rest.subspan(size);
      index_end_ += size;
      const std::uint64_t last = std::min(records_size, mapped_bytes);
      if (entry->bytes > last || entry->offset > last - entry->bytes) continue;
      records_end_ = std::max(records_end_.load(), entry->offset + entry->bytes);
      entries.push_back(std::move(*entry));
    }
  }
  if (locked_) cut();
  return entries;
}

// Removes what is behind the last complete entry.
void CacheSegment::cut() {
  const auto cut_to = [](int file, std::uint64_t size, const std::string& path) {
    if (size_of_file(file, path) <= size) return;
    if (retried([&] { return ::ftruncate(file, static_cast<off_t>(size)); }) != 0)
      throw failed_call("shorten", path, ErrorKind::system);
  };
  cut_to(index_.number(), index_end_, base_ + ".index");
  cut_to(records_.number(), records_end_, base_ + ".records");
}

void CacheSegment::append(IndexEntry& entry, std::span<const std::byte> bytes) {
  entry.offset = rounded_up(records_end_.load(), record_alignment);
  entry.bytes = bytes.size();
  const std::vector<std::byte> written = written_entry(entry);
  try {
    write_at(records_.number(), entry.offset, bytes, base_ + ".records");
    write_at(index_.number(), index_end_, written, base_ + ".index");
  } catch (...) {
    cut();
    throw;
  }
  records_end_ = entry.offset + entry.bytes;
  index_end_ += written.size();
}

std::uint64_t remove_segments(const std::string& folder) {
  std::uint64_t bytes = 0;
  std::error_code failed;
  for (const fs::directory_entry& file : fs::directory_iterator(folder, failed)) {
    const std::string extension = file.path().extension();
    if (!file.is_regular_file() || (extension != ".records" && extension != ".index")) continue;
    const std::string path = file.path();
    const FileDescriptor opened_file = opened(path, O_RDONLY);
    if (!has_head(opened_file.number(), extension == ".index" ? index_mark : records_mark, path))
      continue;
    bytes += size_of_file(opened_file.number(), path);
    if (::unlink(path.c_str()) != 0) throw failed_call("remove", path, ErrorKind::system);
  }
  if (failed) throw Error(ErrorKind::system, "cannot read " + folder + ": " + failed.message());
  return bytes;
}

}  // namespace pinfeed::image
