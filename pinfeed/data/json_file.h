// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pinfeed {

/// A JSON file whose arrays may be larger than memory should hold: it is mapped, a scanner finds
/// where elements begin and end, and what was passed is given back to the system. The scanner looks
/// at brackets and strings only; who parses an element finds what is wrong inside it.
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
  std::string_view whole() const;
  /// Calls `use(element)` for each element of `array` (a text of this file, '[' to ']'), in order.
  void each(std::string_view array, const std::function<void(std::string_view)>& use) const;
  /// Bytes from the start of the file to `part`.
  std::size_t offset(std::string_view part) const;
  /// Gives the memory of this part back to the system. Reading it again is allowed.
  void forget(std::string_view passed) const;

 private:
  void read_members();

  std::string path_;
  const char* bytes_ = nullptr;
  std::size_t size_ = 0;
  std::string_view text_ = {};
  std::vector<std::pair<std::string_view, std::string_view>> members_ = {};
};

}  // namespace pinfeed
