// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pinfeed {

/// Splits a list into windows of whole elements, at commas between elements.
struct WindowSplitter {
  std::size_t max_bytes = std::size_t{1} << 20U;  // of a window, unless one element is larger
  std::size_t start = 1;                          // offset of the current window in the list
  std::size_t comma = 0;                          // offset of the last comma
  std::vector<std::size_t> commas = {};           // the result: offsets of the commas after windows

  /// Adds the offset of the next comma between elements, or of the bracket after the last element.
  void add(std::size_t offset) {
    if (offset - start > max_bytes && comma > start) {
      commas.push_back(comma);
      start = comma + 1;
    }
    comma = offset;
  }
};

/// Finds the end of a list or object of JSON, and the commas where a list can be split. It reads
/// only brackets, strings and commas, and does not distinguish the two kinds of brackets: the
/// parser of the elements reports mismatched ones. The members are the state between two parts of a
/// text.
struct BracketScanner {
  std::size_t offset = 0;       // bytes scanned
  std::size_t depth = 0;        // open brackets
  std::uint64_t in_string = 0;  // all bits set: the next byte is inside a string
  std::uint64_t escaped = 0;    // 1: the next byte follows a backslash
  WindowSplitter windows = {};

  /// Scans `text`, the next part of the value, up to its closing bracket. Returns the bytes
  /// scanned: all of them unless depth is 0 afterwards. The first part starts with a bracket; each
  /// part but the last has a multiple of 64 bytes.
  std::size_t scan(std::string_view text);
};

}  // namespace pinfeed
