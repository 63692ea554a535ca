// SPDX-License-Identifier: Apache-2.0
// The file: header, annotations, images, categories, names of images, names of categories, and the
// XXH3-128 of all that. Numbers are little-endian, rows are those of memory.
#include "pinfeed/annotations/coco_index.h"

#include <sys/stat.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
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
#include "pinfeed/formats/json_file.h"

namespace pinfeed {
namespace {

constexpr std::array<char, 8> magic = {'p', 'i', 'n', 'f', 'e', 'e', 'd', 'A'};
constexpr std::uint32_t version = 1;
constexpr std::uint32_t byte_order = 0x01020304;

// A file that is changed within this time of being read may keep its time: the clock of a file
// system is coarse.
constexpr std::int64_t coarse = 2'000'000'000;  // nanoseconds

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
  std::uint64_t has_annotations = 0;
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

Hash content_of(const std::string& path, std::uint64_t bytes) {
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

// Bytes of all parts, empty when that cannot be the size of any file.
std::optional<std::uint64_t> size_of(const Header& header, std::uint64_t most) {
  std::uint64_t sum = sizeof(Header) + sizeof(Hash);
  const auto add = [&](std::uint64_t rows, std::uint64_t bytes) {
    if (rows > most) return false;
    sum += rows * bytes;  // below 2^63: no file has more than 2^56 bytes
    return sum <= most;
  };
  const bool fits = most >> 56U == 0 && add(header.annotations, sizeof(CocoAnnotation)) &&
                    add(header.images, sizeof(CocoImage)) &&
                    add(header.categories, sizeof(CategoryRow)) && add(header.names, 1) &&
                    add(header.category_names, 1);
  return fits ? std::optional(sum) : std::nullopt;
}

// Takes the parts of a mapped index one after the other.
class Parts {
 public:
  explicit Parts(Buffer buffer) : buffer_(std::move(buffer)) {}

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

// A bool of a mapped file may hold anything, and may not be read as one before this.
bool is_flag(const bool& flag) { return reinterpret_cast<const std::uint8_t&>(flag) <= 1; }

bool is_sound(const CocoAnnotation& row, const Header& header) {
  const std::uint64_t bytes = header.state.bytes;
  return row.segmentation_start <= bytes &&
         row.segmentation_bytes <= bytes - row.segmentation_start && is_flag(row.crowd) &&
         is_flag(row.ignore);
}

bool is_sound(const CocoImage& row, const Header& header) {
  return std::uint64_t{row.name_start} + row.name_size <= header.names && row.width >= 0 &&
         row.height >= 0;
}

template <class Row>
bool all_sound(std::span<const Row> rows, const Header& header) {
  for (const Row& row : rows) {
    if (!is_sound(row, header)) return false;
  }
  return true;
}

bool read_categories(std::span<const CategoryRow> rows, std::string_view names, CocoFile& file) {
  for (const CategoryRow& row : rows) {
    if (row.name_size > names.size()) return false;
    file.categories.push_back({row.id, std::string(names.substr(0, row.name_size))});
    names.remove_prefix(row.name_size);
  }
  return names.empty();
}

bool read_parts(const Buffer& buffer, const Header& header, CocoFile& file) {
  Parts parts(buffer);
  parts.take<Header>(1);
  const auto annotations = parts.take<CocoAnnotation>(header.annotations);
  const auto images = parts.take<CocoImage>(header.images);
  const auto categories = parts.take<CategoryRow>(header.categories);
  const auto names = parts.take<char>(header.names);
  const auto category_names = parts.take<char>(header.category_names);
  file.annotations = Rows<CocoAnnotation>(parts.owner(), annotations);
  file.images.assign(images.begin(), images.end());
  file.names.assign(names.begin(), names.end());
  file.has_annotations = header.has_annotations != 0;
  return all_sound(annotations, header) && all_sound(images, header) &&
         read_categories(categories, {category_names.data(), category_names.size()}, file);
}

bool is_whole(const Buffer& buffer, const Header& header) {
  if (header.magic != magic || header.version != version || header.byte_order != byte_order) {
    return false;
  }
  if (size_of(header, buffer.size) != buffer.size) return false;
  const std::size_t hashed = buffer.size - sizeof(Hash);
  Hash written = {};
  std::memcpy(&written, buffer.data() + hashed, sizeof(Hash));
  return written == words_of(XXH3_128bits(buffer.data(), hashed));
}

std::optional<CocoIndex> opened(const std::string& path, const FileState& state) {
  const std::string index_path = coco_index_path(path);
  std::error_code none;
  if (!std::filesystem::is_regular_file(index_path, none)) return std::nullopt;
  const Buffer buffer = map_file(index_path, ErrorKind::system);
  Header header;
  if (buffer.size < sizeof(Header) + sizeof(Hash)) return std::nullopt;
  std::memcpy(&header, buffer.data(), sizeof(Header));
  if (header.state.bytes != state.bytes || !is_whole(buffer, header)) return std::nullopt;
  CocoIndex index{.file = {.path = path}, .fresh = header.state == state};
  if (!read_parts(buffer, header, index.file)) return std::nullopt;
  index.fresh = index.fresh && state.changed < header.read_at - coarse;
  if (index.fresh || header.content == content_of(path, state.bytes)) return index;
  return std::nullopt;
}

std::int64_t now() {
  const auto time = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time).count();
}

// Nobody waits for an index: what cannot be written is not.
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
  struct stat facts = {};
  if (::stat(path.c_str(), &facts) != 0) return std::nullopt;
  constexpr std::int64_t second = 1'000'000'000;
  return FileState{static_cast<std::uint64_t>(facts.st_size),
                   facts.st_mtim.tv_sec * second + facts.st_mtim.tv_nsec};
}

std::optional<CocoIndex> read_coco_index(const std::string& path, const FileState& state) {
  try {
    return opened(path, state);
  } catch (const Error&) {
    return std::nullopt;
  }
}

void write_coco_index(const CocoFile& file, const FileState& state, std::int64_t read_at) {
  Header header{.magic = magic,
                .version = version,
                .byte_order = byte_order,
                .state = state,
                .content = content_of(file.path, state.bytes),
                .read_at = read_at,
                .annotations = file.annotations.size(),
                .images = file.images.size(),
                .categories = file.categories.size(),
                .names = file.names.size(),
                .category_names = 0,
                .has_annotations = file.has_annotations ? 1U : 0U};
  std::vector<CategoryRow> categories;
  std::string names;
  for (const CocoCategory& category : file.categories) {
    categories.push_back({category.id, category.name.size()});
    names += category.name;
  }
  header.category_names = names.size();
  if (state_of(file.path) != state) return;
  write_atomically(coco_index_path(file.path), [&](FileWriter& out) {
    Hasher hasher;
    const auto write = [&](std::span<const std::byte> bytes) {
      hasher.add(bytes);
      out.write(bytes);
    };
    write(std::as_bytes(std::span(&header, 1)));
    write(std::as_bytes(std::span(file.annotations.begin(), file.annotations.end())));
    write(std::as_bytes(std::span(file.images)));
    write(std::as_bytes(std::span(categories)));
    write(std::as_bytes(std::span(file.names)));
    write(std::as_bytes(std::span(names)));
    const Hash whole = hasher.value();
    out.write(std::as_bytes(std::span(whole)));
  });
}

CocoFile read_indexed_coco_file(const std::string& path, std::uint64_t least_bytes,
                                BadRecords rule) {
  const std::int64_t read_at = now();
  const std::optional<FileState> state = state_of(path);
  if (!state || state->bytes < least_bytes) return read_coco_file(path, rule);
  std::optional<CocoIndex> index = read_coco_index(path, *state);
  const bool settled = state->changed < read_at - coarse;
  if (index && (index->fresh || !settled)) return std::move(index->file);
  CocoFile file = index ? std::move(index->file) : read_coco_file(path, rule);
  if (file.bad.empty()) try_to_write(file, *state, read_at);
  return file;
}

}  // namespace pinfeed
