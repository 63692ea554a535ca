// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/image_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdint>
#include <string>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"
#include "pinfeed/core/file_descriptor.h"
#include "pinfeed/core/system_call.h"
#include "pinfeed/image/cache/coefficient_cache.h"

namespace pinfeed {
namespace {

void check_size(const image::Encoded& stored, int descriptor, const std::string& path) {
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0) throw failed_call("read", path, ErrorKind::data);
  const auto bytes = static_cast<std::uint64_t>(status.st_size);
  if (bytes == stored.header.file_bytes) return;
  throw Error(ErrorKind::data,
              fmt::format("'{}' changed while it was used: it had {} bytes, now it has {}", path,
                          stored.header.file_bytes, bytes));
}

}  // namespace

const std::string& c_path(std::string_view path) {
  thread_local std::string text;
  text.assign(path);
  return text;
}

std::optional<FileVersion> version_of(const std::string& path) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  constexpr std::int64_t second = 1'000'000'000;
  return FileVersion{static_cast<std::uint64_t>(status.st_size),
                     status.st_mtim.tv_sec * second + status.st_mtim.tv_nsec};
}

void check_file_size(const image::Encoded& stored) {
  constexpr std::uint64_t metadata_bytes = std::uint64_t{64} << 20U;
  constexpr std::uint64_t bytes_per_pixel = 8;
  const Size size = stored.header.stored;
  const std::uint64_t pixels =
      static_cast<std::uint64_t>(size.width) * static_cast<std::uint64_t>(size.height);
  const std::uint64_t limit = metadata_bytes + bytes_per_pixel * pixels;
  if (stored.header.file_bytes <= limit) return;
  throw Error(ErrorKind::data,
              fmt::format("'{}' has {} bytes; an image of {} may have {} at most", stored.path,
                          stored.header.file_bytes, to_string(size), limit));
}

bool use_record(image::Encoded& stored) {
  image::CacheUse& use = stored.cache;
  if (use.cache->is_intact(*use.found)) return true;
  if (use.cache->options().mode == image::CacheMode::only) {
    throw Error(ErrorKind::data, "its record in the cache '" + use.cache->options().folder +
                                     "' is damaged, and cache_mode='only' reads no files")
        .with_context(FileContext{std::string(stored.path)});
  }
  use.found = nullptr;
  use.wanted = use.cache->accepts();
  return false;
}

void read_stored(image::Encoded& stored, std::span<std::byte> buffer) {
  const std::string& path = c_path(stored.path);
  try {
    const FileDescriptor file(
        retried([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); }));
    if (!file.open()) throw failed_call("read", path, ErrorKind::data);
    check_size(stored, file.number(), path);
    const std::size_t done = read_at(file.number(), 0, buffer, path, ErrorKind::data);
    if (done < buffer.size()) check_size(stored, file.number(), path);
    stored.bytes = buffer.first(done);
  } catch (Error& error) {
    throw error.with_context(FileContext{path});
  }
}

}  // namespace pinfeed
