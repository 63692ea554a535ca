// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "pinfeed/core/error.h"

namespace pinfeed::fuzz {

/// A file in memory with a path, for readers that take a path.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size) : file_(::memfd_create("fuzz", 0)) {
    if (file_ < 0 || ::write(file_, data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(file_); }

  std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

/// Calls `read` with the path of a file that holds the bytes. Bytes may be refused as bad data,
/// with a message; any other error ends the program.
template <typename Read>
int read_or_refuse(const std::uint8_t* data, std::size_t size, const Read& read) {
  const MemoryFile file(data, size);
  try {
    read(file.path());
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::data || error.message().empty()) std::abort();
  }
  return 0;
}

}  // namespace pinfeed::fuzz
