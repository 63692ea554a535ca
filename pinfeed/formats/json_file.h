// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/core/file_descriptor.h"

namespace pinfeed {

/// A JSON file with arrays that may be too large to parse as a whole. The file is mapped; a scanner
/// splits its lists into windows of whole elements, and pages that were scanned are returned to the
/// system. The scanner reads only brackets and strings; errors inside an element are found by the
/// parser of the element. A byte-order mark is skipped. Not thread-safe.
class JsonFile {
 public:
  /// Throws Error(data) if the file is missing, not a regular file, or empty.
  explicit JsonFile(std::string path);
  JsonFile(const JsonFile&) = delete;
  JsonFile& operator=(const JsonFile&) = delete;
  ~JsonFile();

  const std::string& path() const { return path_; }

  /// '{' or '[': the type of the outermost value. Throws Error(data) for others.
  char kind() const;
  /// The text of the value of a key of the outermost object; empty if there is none. Throws
  /// Error(data) if the file ends too early or brackets do not match.
  std::string_view find(std::string_view key);
  /// The whole outermost value.
  std::string_view whole();
  /// Calls `use(window)` for each window of `array` (a result of find() or whole()), in order:
  /// whole elements with the commas between them, at most WindowSplitter::max_bytes unless one
  /// element is larger. Throws Error(data) if the array ends with a comma or with another bracket.
  void windows(std::string_view array, const std::function<void(std::string_view)>& use) const;
  /// Calls `use(element)` for each element of a window. Throws Error(data) with the offset
  /// of a missing element or comma.
  void each(std::string_view window, const std::function<void(std::string_view)>& use) const;
  /// Copies `to.size()` bytes of the file without the mapping. Throws Error(data) if the file has
  /// become shorter.
  void copy(std::size_t from, std::span<char> to) const;
  /// The offset of `part` in the file.
  std::size_t offset(std::string_view part) const;
  /// Returns the memory of this part to the system. It can be read again.
  void forget(std::string_view passed) const;

 private:
  struct Member {
    std::string_view key;
    std::string_view value;
    std::vector<std::size_t> commas;  // offsets in the value of the commas after windows
  };
  void read_members();

  std::string path_;
  FileDescriptor file_;
  const char* bytes_ = nullptr;
  std::size_t size_ = 0;
  std::string_view text_ = {};
  std::vector<Member> members_ = {};
};

}  // namespace pinfeed
