// SPDX-License-Identifier: Apache-2.0
// The index of a COCO file: its rows in binary, so that opening it again takes no parsing.
//
// An index is read, not mapped: a mapped file that is truncated in place, as `cp` does, ends the
// process with SIGBUS.
//
// Layout: Header, annotations (80 bytes each), images (24 bytes each), categories, the names of the
// images, the names of the categories, and the XXH3-128 of everything before. The rows are those of
// memory; annotations are used where they were read to. Header::version changes with any of them.
//
// Staleness: the header has the size, the modification time and the XXH3-128 of the COCO file. With
// another size the index is stale. With the same time it is fresh, if that time was at least 2 s
// old when reading began: a file that changes within the granularity of the file system's clock may
// keep its time. In all other cases the COCO file is hashed, which is faster than parsing it, and
// the hashes decide.
//
// Trust: the checksum finds damage, and because anybody can write a matching checksum, each row is
// checked before use: offsets lie inside the files, flags are 0 or 1. An index is written with
// write_atomically(), and only if the COCO file is still in the state in which it was read.
#include "pinfeed/annotations/coco_index.h"

#include <sys/stat.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/record_id.h"
#include "pinfeed/core/temporary_file.h"
#include "pinfeed/formats/json_file.h"

namespace pinfeed {
namespace {

constexpr std::array<char, 8> magic = {'p', 'i', 'n', 'f', 'e', 'e', 'd', 'A'};
constexpr std::uint32_t version = 3;
constexpr std::uint32_t byte_order = 0x01020304;
constexpr std::int64_t clock_granularity = 2'000'000'000;  // nanoseconds, of any file system
using Hash = std::array<std::uint64_t, 2>;

struct Header {
  std::array<char, 8> magic = {};
  std::uint32_t version = 0;
  std::uint32_t byte_order = 0;
  FileState state = {};
  Hash content = {};
  std::int64_t read_at = 0;
  std::uint64_t annotations = 0;
  std::uint64_t images = 0;
  std::uint64_t categories = 0;
  std::uint64_t names = 0;           // bytes
  std::uint64_t category_names = 0;  // bytes
  std::uint32_t has_annotations = 0;
  std::uint32_t names_are_urls = 0;
};

struct CategoryRow {
  std::int64_t id = 0;
  std::uint64_t name_size = 0;
};

static_assert(sizeof(Header) == 104 && std::is_trivially_copyable_v<Header>);
static_assert(sizeof(CocoAnnotation) == 80 && std::is_trivially_copyable_v<CocoAnnotation>);
static_assert(sizeof(CocoImage) == 24 && std::is_trivially_copyable_v<CocoImage>);

Hash words_of(XXH128_hash_t hash) { return {hash.low64, hash.high64}; }

class Hasher {
 public:
  Hasher() : state_(XXH3_createState(), XXH3_freeState) { XXH3_128bits_reset(state_.get()); }
  void add(std::span<const std::byte> bytes) {
    XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
  }
  Hash value() const { return words_of(XXH3_128bits_digest(state_.get())); }

 private:
  std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state_;
};

Hash hash_of_file(const std::string& path, std::uint64_t bytes) {
  constexpr std::uint64_t piece = std::uint64_t{1} << 20U;
  const JsonFile file(path);
  std::string copy(piece, '\0');
  Hasher hasher;
  for (std::uint64_t at = 0; at < bytes; at += piece) {
    const std::uint64_t size = std::min(piece, bytes - at);
    file.copy(at, std::span(copy).first(size));
    hasher.add(std::as_bytes(std::span(copy).first(size)));
  }
  return hasher.value();
}

// The size of an index with this header; empty when it is above `limit`.
std::optional<std::uint64_t> index_bytes(const Header& header, std::uint64_t limit) {
  std::uint64_t sum = sizeof(Header) + sizeof(Hash);
  const auto add = [&](std::uint64_t rows, std::uint64_t bytes) {
    if (rows > limit) return false;
    sum += rows * bytes;  // below 2^63: no file has more than 2^56 bytes
    return sum <= limit;
  };
  const bool fits = limit >> 56U == 0 && add(header.annotations, sizeof(CocoAnnotation)) &&
                    add(header.images, sizeof(CocoImage)) &&
                    add(header.categories, sizeof(CategoryRow)) && add(header.names, 1) &&
                    add(header.category_names, 1);
  return fits ? std::optional(sum) : std::nullopt;
}

// Returns the parts of an index one after the other.
class IndexParts {
 public:
  explicit IndexParts(Buffer buffer) : buffer_(std::move(buffer)) {}

  template <class T>
  std::span<const T> take(std::uint64_t rows) {
    const auto* first = reinterpret_cast<const T*>(buffer_.data() + at_);
    at_ += rows * sizeof(T);
    return {first, rows};
  }
  std::shared_ptr<const void> owner() const { return buffer_.bytes; }

 private:
  Buffer buffer_;
  std::size_t at_ = 0;
};

// A byte of a file may only be read as a bool after this check.
bool is_flag(const bool& flag) { return reinterpret_cast<const std::uint8_t&>(flag) <= 1; }

bool is_valid_row(const CocoAnnotation& row, const Header& header) {
  const std::uint64_t bytes = header.state.bytes;
  return !has_named_ids(row) && row.segmentation_start <= bytes &&
         row.segmentation_bytes <= bytes - row.segmentation_start && is_flag(row.crowd) &&
         is_flag(row.ignore);
}

bool is_valid_row(const CocoImage& row, const Header& header) {
  return std::uint64_t{row.name_start} + row.name_size <= header.names && row.width >= 0 &&
         row.height >= 0 && !is_reserved_id(row.id);
}

template <class Row>
bool all_valid_rows(std::span<const Row> rows, const Header& header) {
  return std::all_of(rows.begin(), rows.end(),
                     [&](const Row& row) { return is_valid_row(row, header); });
}

bool read_indexed_categories(std::span<const CategoryRow> rows, std::string_view names,
                             CocoFile& file) {
  for (const CategoryRow& row : rows) {
    if (row.name_size > names.size() || is_reserved_id(row.id)) return false;
    file.categories.push_back({row.id, std::string(names.substr(0, row.name_size))});
    names.remove_prefix(row.name_size);
  }
  return names.empty();
}

bool read_parts(const Buffer& buffer, const Header& header, CocoFile& file) {
  IndexParts parts(buffer);
  parts.take<Header>(1);
  const auto annotations = parts.take<CocoAnnotation>(header.annotations);
  const auto images = parts.take<CocoImage>(header.images);
  const auto categories = parts.take<CategoryRow>(header.categories);
  const auto names = parts.take<char>(header.names);
  const auto category_names = parts.take<char>(header.category_names);
  file.annotations = SharedRows<CocoAnnotation>(parts.owner(), annotations);
  file.images.assign(images.begin(), images.end());
  file.names.assign(names.begin(), names.end());
  file.has_annotations = header.has_annotations != 0;
  file.name_key = header.names_are_urls != 0 ? NameKey::coco_url : NameKey::file_name;
  return all_valid_rows(annotations, header) && all_valid_rows(images, header) &&
         read_indexed_categories(categories, {category_names.data(), category_names.size()}, file);
}

bool is_intact(const Buffer& buffer, const Header& header) {
  if (header.magic != magic || header.version != version || header.byte_order != byte_order) {
    return false;
  }
  if (index_bytes(header, buffer.size) != buffer.size) return false;
  const std::size_t hashed = buffer.size - sizeof(Hash);
  Hash written = {};
  std::memcpy(&written, buffer.data() + hashed, sizeof(Hash));
  return written == words_of(XXH3_128bits(buffer.data(), hashed));
}

std::optional<CocoIndex> open_index(const std::string& path, const FileState& state,
                                    NameKey names) {
  const std::string index_path = coco_index_path(path);
  std::error_code ignored;
  const auto status = std::filesystem::symlink_status(index_path, ignored);
  if (!std::filesystem::is_regular_file(status)) return std::nullopt;
  const Buffer buffer = read_bytes(index_path, ErrorKind::system);
  if (buffer.size < sizeof(Header) + sizeof(Hash)) return std::nullopt;
  Header header;
  std::memcpy(&header, buffer.data(), sizeof(Header));
  if (header.state.bytes != state.bytes || !is_intact(buffer, header)) return std::nullopt;
  CocoIndex index{.file = {.path = path}, .fresh = header.state == state};
  if (!read_parts(buffer, header, index.file) || index.file.name_key != names) return std::nullopt;
  index.fresh = index.fresh && state.changed < header.read_at - clock_granularity;
  if (index.fresh || header.content == hash_of_file(path, state.bytes)) return index;
  return std::nullopt;
}

std::int64_t nanoseconds_now() {
  const auto time = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
}

// An index is optional: errors are ignored.
void try_to_write(const CocoFile& file, const FileState& state, std::int64_t read_at) {
  try {
    write_coco_index(file, state, read_at);
  } catch (const Error&) {
    return;
  }
}

}  // namespace

std::string coco_index_path(const std::string& path) { return path + ".pinfeed-index"; }

std::optional<FileState> state_of(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  constexpr std::int64_t second = 1'000'000'000;
  return FileState{static_cast<std::uint64_t>(status.st_size),
                   status.st_mtim.tv_sec * second + status.st_mtim.tv_nsec};
}

std::optional<CocoIndex> read_coco_index(const std::string& path, const FileState& state,
                                         NameKey names) {
  try {
    return open_index(path, state, names);
  } catch (const Error&) {
    return std::nullopt;
  }
}

void write_coco_index(const CocoFile& file, const FileState& state, std::int64_t read_at) {
  Header header{.magic = magic,
                .version = version,
                .byte_order = byte_order,
                .state = state,
                .content = hash_of_file(file.path, state.bytes),
                .read_at = read_at,
                .annotations = file.annotations.size(),
                .images = file.images.size(),
                .categories = file.categories.size(),
                .names = file.names.size(),
                .has_annotations = file.has_annotations ? 1U : 0U,
                .names_are_urls = file.name_key == NameKey::coco_url ? 1U : 0U};
  std::vector<CategoryRow> categories;
  std::string names;
  for (const CocoCategory& category : file.categories) {
    categories.push_back({category.id, category.name.size()});
    names += category.name;
  }
  header.category_names = names.size();
  if (state_of(file.path) != state) return;
  const auto content = [&](FileWriter& out) {
    Hasher hasher;
    for (const std::span<const std::byte> bytes :
         {std::as_bytes(std::span(&header, 1)),
          std::as_bytes(std::span(file.annotations.begin(), file.annotations.end())),
          std::as_bytes(std::span(file.images)), std::as_bytes(std::span(categories)),
          std::as_bytes(std::span(file.names)), std::as_bytes(std::span(names))}) {
      hasher.add(bytes);
      out.write(bytes);
    }
    const Hash checksum = hasher.value();
    out.write(std::as_bytes(std::span(checksum)));
  };
  write_atomically(coco_index_path(file.path), content, {.follow_links = false});
}

CocoFile read_indexed_coco_file(const std::string& path, std::uint64_t min_bytes, BadRecords rule,
                                NameKey names) {
  const std::int64_t read_at = nanoseconds_now();
  const std::optional<FileState> state = state_of(path);
  if (!state || state->bytes < min_bytes) return read_coco_file(path, rule, names);
  remove_abandoned_files_beside(path);
  std::optional<CocoIndex> index = read_coco_index(path, *state, names);
  const bool settled = state->changed < read_at - clock_granularity;
  if (index && (index->fresh || !settled)) return std::move(index->file);
  CocoFile file = index ? std::move(index->file) : read_coco_file(path, rule, names);
  if (file.bad.empty() && !has_named_ids(file)) try_to_write(file, *state, read_at);
  return file;
}

}  // namespace pinfeed
