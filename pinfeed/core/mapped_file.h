// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "pinfeed/core/buffer.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/file_descriptor.h"

namespace pinfeed {

/// A regular file that is mapped and stays open, for large files of which parts are copied once.
/// Copies of the object share both.
class MappedFile {
 public:
  MappedFile() = default;  // no bytes
  /// Maps as map_file() does. Throws as read_regular_text().
  MappedFile(const std::string& path, ErrorKind kind);

  const Buffer& bytes() const { return bytes_; }
  const std::string& path() const { return path_; }
  /// Whether this byte is in the mapping.
  bool contains(const std::byte* byte) const;
  /// Copies bytes of the file to `to`: those that the mapping has from `from` on. They are read
  /// with pread(). The first access to mapped bytes would map their pages, which can take as long
  /// as the copy, and would count as memory of this process. Throws an Error of the kind that the
  /// constructor got if the file has become shorter, where an access would end the process;
  /// Error(system) if reading fails.
  void read(const std::byte* from, std::span<std::byte> to) const;

 private:
  std::string path_ = {};
  ErrorKind kind_ = ErrorKind::data;
  std::shared_ptr<const FileDescriptor> file_ = nullptr;
  Buffer bytes_ = {};
};

}  // namespace pinfeed
