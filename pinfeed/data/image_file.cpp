// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/image_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <string>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file_descriptor.h"
#include "pinfeed/core/system_call.h"

namespace pinfeed {
namespace {

int open_to_read(std::string_view path) {
  std::array<char, PATH_MAX> text;  // null-terminated, without allocating
  if (path.size() >= text.size()) {
    errno = ENAMETOOLONG;
    return -1;
  }
  *std::copy(path.begin(), path.end(), text.begin()) = '\0';
  return retried([&] { return ::open(text.data(), O_RDONLY | O_CLOEXEC | O_NONBLOCK); });
}

Error cannot_read(std::string_view path) {
  return Error(read_failure_kind(), fmt::format("cannot read '{}': {}", path, system_reason()))
      .with_context(FileContext{std::string(path)});
}

void check_size(const image::Encoded& stored, int descriptor) {
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0) throw cannot_read(stored.path);
  const auto bytes = static_cast<std::uint64_t>(status.st_size);
  if (bytes == stored.header.file_bytes) return;
  throw Error(ErrorKind::data,
              fmt::format("'{}' changed while it was used: it had {} bytes, now it has {}",
                          stored.path, stored.header.file_bytes, bytes))
      .with_context(FileContext{std::string(stored.path)});
}

}  // namespace

const std::string& c_path(std::string_view path) {
  thread_local std::string text;
  text.assign(path);
  return text;
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

void read_stored(image::Encoded& stored, std::span<std::byte> buffer) {
  const FileDescriptor file(open_to_read(stored.path));
  if (!file.open()) throw cannot_read(stored.path);
  check_size(stored, file.number());
  std::size_t done = 0;
  while (done < buffer.size()) {
    const ssize_t got =
        retried([&] { return ::read(file.number(), buffer.data() + done, buffer.size() - done); });
    if (got < 0) throw cannot_read(stored.path);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  if (done < buffer.size()) check_size(stored, file.number());
  stored.bytes = buffer.first(done);
}

}  // namespace pinfeed
