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

/// Buffered output to a file descriptor: the argument of the function that write_atomically()
/// calls.
class FileWriter {
 public:
  /// `name` is the path as the user wrote it, for errors.
  FileWriter(int descriptor, std::string name);

  /// Throws Error(system): "cannot write <path>: No space left on device".
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  void flush();

 private:
  void write_through(std::span<const std::byte> bytes);

  int descriptor_;
  std::string name_;
  std::vector<std::byte> buffer_;
};

/// Calls `writer` with a temporary file next to `path`, synchronizes it to disk, and renames it to
/// `path`. After an exception or a crash the old file is unchanged; after an exception the
/// temporary file is removed. Links are followed; a pipe or device is written directly. Throws
/// Error(system).
void write_atomically(const std::string& path, const std::function<void(FileWriter&)>& writer);

/// The content of a file. Throws an Error of this kind, "cannot read <path>: Is a directory", or
/// Error(system) where the operating system is the cause.
std::string read_text(const std::string& path, ErrorKind kind);
/// The same for regular files only: a pipe or a device is an Error instead of a wait for data.
std::string read_regular_text(const std::string& path, ErrorKind kind);

/// Maps a file into memory, private: writing to the bytes does not change the file. The file must
/// not be truncated while the buffer is in use. Throws as read_text().
Buffer map_file(const std::string& path, ErrorKind kind);

}  // namespace pinfeed
