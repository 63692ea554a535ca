// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/open_file.h"

#include <fcntl.h>

#include <cerrno>

#include "pinfeed/core/system_call.h"

namespace pinfeed {

FileDescriptor open_to_read(const std::string& path, ErrorKind kind, int flags) {
  const int number = retried([&] { return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags); });
  if (number < 0) throw failed_call("read", path, kind);
  return FileDescriptor(number);
}

// Without O_NONBLOCK opening a pipe would wait for a writer.
FileDescriptor open_regular(const std::string& path, ErrorKind kind) {
  FileDescriptor file = open_to_read(path, kind, O_NONBLOCK);
  const mode_t mode = status_of(file, path, kind).st_mode;
  if (!S_ISREG(mode)) throw Error(kind, path + " is not a regular file");
  return file;
}

struct stat status_of(const FileDescriptor& file, const std::string& path, ErrorKind kind) {
  struct stat status = {};
  if (::fstat(file.number(), &status) != 0) throw failed_call("read", path, kind);
  if (S_ISDIR(status.st_mode)) errno = EISDIR;
  if (S_ISDIR(status.st_mode)) throw failed_call("read", path, kind);
  return status;
}

}  // namespace pinfeed
