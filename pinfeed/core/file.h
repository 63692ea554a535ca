// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/core/buffer.h"
#include "pinfeed/core/error.h"

namespace pinfeed {

/// Writes bytes to a file, buffered. What write_atomically() gives to its writer.
class FileWriter {
 public:
  /// `name` is for errors: the path as the user wrote it.
  FileWriter(int descriptor, std::string name);

  /// Throws Error(system): "cannot write <path>: No space left on device".
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  void flush();

 private:
  void write_through(std::span<const std::byte> bytes);

  int descriptor_;
  std::string name_;
  std::vector<std::byte> waiting_;
};

/// Calls `writer` with a new file next to `path`, then puts it in the place of `path` in one step
/// that survives a crash. When anything throws, the old file stays whole and nothing new is left. A
/// link is followed; a pipe or device is written as it is. Throws Error(system).
void write_atomically(const std::string& path, const std::function<void(FileWriter&)>& writer);

/// The whole file. Throws an Error of this kind: "cannot read <path>: Is a directory".
std::string read_text(const std::string& path, ErrorKind kind);
/// The same of a regular file only: a pipe or a device is an Error, not a reader that waits.
std::string read_regular_text(const std::string& path, ErrorKind kind);

/// The file's bytes, read from disk when they are touched; writing to them does not change the
/// file. The file must not be cut short meanwhile. Throws an Error of this kind.
Buffer map_file(const std::string& path, ErrorKind kind);

}  // namespace pinfeed
