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

namespace pinfeed {
namespace {

int open_to_read(std::string_view path) {
  std::array<char, PATH_MAX> text;  // with an end that the system knows; no thread allocates
  if (path.size() >= text.size()) {
    errno = ENAMETOOLONG;
    return -1;
  }
  *std::copy(path.begin(), path.end(), text.begin()) = '\0';
  return ::open(text.data(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

// A file that is closed when it goes out of sight.
class OpenFile {
 public:
  explicit OpenFile(std::string_view path) : descriptor_(open_to_read(path)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

Error cannot_read(std::string_view path) {
  return Error(ErrorKind::data, fmt::format("cannot read '{}': {}", path, system_reason()));
}

void check_size(const image::Encoded& stored, int descriptor) {
  struct stat status = {};
  if (::fstat(descriptor, &status) != 0) throw cannot_read(stored.path);
  const auto bytes = static_cast<std::uint64_t>(status.st_size);
  if (bytes == stored.header.file_bytes) return;
  throw Error(ErrorKind::data,
              fmt::format("'{}' changed while it was used: it had {} bytes, now it has {}",
                          stored.path, stored.header.file_bytes, bytes));
}

}  // namespace

const std::string& c_path(std::string_view path) {
  thread_local std::string text;
  text.assign(path);
  return text;
}

void read_stored(image::Encoded& stored, std::span<std::byte> room) {
  const OpenFile file(stored.path);
  if (file.descriptor() < 0) throw cannot_read(stored.path);
  check_size(stored, file.descriptor());
  std::size_t done = 0;
  while (done < room.size()) {
    const ssize_t got = ::read(file.descriptor(), room.data() + done, room.size() - done);
    if (got < 0) throw cannot_read(stored.path);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  if (done < room.size()) check_size(stored, file.descriptor());
  stored.bytes = room.first(done);
}

}  // namespace pinfeed
