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

/// A JSON file whose arrays may be larger than memory should hold: it is mapped, a scanner finds
/// where lists can be cut, and what was passed is given back to the system. The scanner looks at
/// brackets and strings only; who parses an element finds what is wrong inside it.
/// A byte-order mark is skipped. One thread at a time.
class JsonFile {
 public:
  /// Throws Error(data) when the file is missing, no regular file, or empty.
  explicit JsonFile(std::string path);
  JsonFile(const JsonFile&) = delete;
  JsonFile& operator=(const JsonFile&) = delete;
  ~JsonFile();

  const std::string& path() const { return path_; }

  /// '{' or '[': what the file holds. Throws Error(data) for anything else.
  char kind() const;
  /// The value under a key of the outermost object, empty when absent. Throws Error(data) when the
  /// file ends too early or brackets do not fit.
  std::string_view find(std::string_view key);
  /// The whole outermost value.
  std::string_view whole();
  /// Calls `use(window)` for parts of `array` (what find() or whole() gave), in order: whole
  /// elements with the commas between them, of WindowCuts::most bytes where that is enough.
  /// Throws Error(data) when the array ends with a comma or with another bracket.
  void windows(std::string_view array, const std::function<void(std::string_view)>& use) const;
  /// Calls `use(element)` for each element of a window. Throws Error(data) naming the byte where
  /// no element or no comma is.
  void each(std::string_view window, const std::function<void(std::string_view)>& use) const;
  /// Copies `to.size()` bytes of the file, without touching the mapping. Throws Error(data) when
  /// the file has become shorter.
  void copy(std::size_t from, std::span<char> to) const;
  /// Bytes from the start of the file to `part`.
  std::size_t offset(std::string_view part) const;
  /// Gives the memory of this part back to the system. Reading it again is allowed.
  void forget(std::string_view passed) const;

 private:
  struct Member {
    std::string_view key;
    std::string_view value;
    std::vector<std::size_t> cuts;  // commas in the value that end a window
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
