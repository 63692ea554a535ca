// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/core/buffer.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file_descriptor.h"

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

struct WriteOptions {
  /// true, for paths that users write: a link is followed, and a pipe or device is written
  /// directly. false, for names that pinfeed chooses: a link is replaced, and anything else that is
  /// not a regular file is an error.
  bool follow_links = true;
  /// Whether the file and its name are synchronized to disk, so that they outlast a power failure.
  bool durable = true;
};

/// The one way in which pinfeed writes whole files. Calls `writer` with a temporary file next to
/// `path` (temporary_file.h), synchronizes it to disk, and renames it to `path`. Readers and
/// concurrent writers see a complete file. After an exception or a crash the old file is unchanged.
/// The temporary file is removed after an exception; that of a process which was killed is removed
/// by the next process that writes to the folder. Throws Error(system).
void write_atomically(const std::string& path, const std::function<void(FileWriter&)>& writer,
                      const WriteOptions& options = {});

/// A text file that grows by whole lines, such as a log. One thread.
class AppendedFile {
 public:
  /// Opens the file, and creates it if needed. `follow_links` as in WriteOptions, except that a
  /// link is an error and not replaced. Throws Error(system).
  explicit AppendedFile(std::string path, bool follow_links = true);

  /// Appends the line and a line feed. Throws Error(system).
  void add(std::string_view line);
  /// Appends the bytes as they are. Throws Error(system).
  void add_bytes(std::string_view bytes);
  /// Whether the path leads to another file, or to none, because somebody removed this one.
  bool removed() const;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  FileDescriptor file_;
  bool line_cut_ = false;  // the last line was not written to its end
};

/// The content of a file. Throws an Error of this kind, "cannot read <path>: Is a directory", or
/// Error(system) where the operating system is the cause.
std::string read_text(const std::string& path, ErrorKind kind);
/// The same for regular files only: a pipe or a device is an Error instead of a wait for data.
std::string read_regular_text(const std::string& path, ErrorKind kind);

/// The bytes of a regular file, in memory of their own. Throws as read_regular_text(), also if the
/// file is truncated meanwhile.
Buffer read_bytes(const std::string& path, ErrorKind kind);

/// Reads from `offset` on until `to` is full or the file ends. Returns the number of bytes read.
/// Throws an Error of this kind, "cannot read <path>: Is a directory", or Error(system).
std::size_t read_at(int file, std::uint64_t offset, std::span<std::byte> to,
                    const std::string& path, ErrorKind kind);

/// Maps a regular file into memory, private: writing to the bytes does not change the file. The
/// file must not be truncated while the buffer is in use. Throws as read_regular_text().
Buffer map_file(const std::string& path, ErrorKind kind);

}  // namespace pinfeed
