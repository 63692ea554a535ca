// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pinfeed {

/// Where a list may be cut into windows that hold whole elements: at commas between them.
struct WindowCuts {
  std::size_t most = std::size_t{1} << 20U;  // bytes of a window, unless one element is larger
  std::size_t start = 1;                     // of the window that is being filled
  std::size_t comma = 0;                     // the last one seen
  std::vector<std::size_t> commas = {};      // that end a window, as places in the list

  /// Takes notice of a comma between elements, or of the bracket behind the last one.
  void pass(std::size_t place) {
    if (place - start > most && comma > start) {
      commas.push_back(comma);
      start = comma + 1;
    }
    comma = place;
  }
};

/// A walk over a list or object of JSON that looks at brackets, strings and commas only. Brackets
/// of both kinds count alike: who parses the elements finds what does not fit.
struct BracketScan {
  std::size_t place = 0;        // bytes walked over
  std::size_t depth = 0;        // brackets that are open
  std::uint64_t in_string = 0;  // all bits set: the next byte stands in a string
  std::uint64_t escaped = 0;    // 1: a backslash stands before the next byte
  WindowCuts cuts = {};

  /// Goes on over `text`, the next part of the value, to behind the bracket that closes it, and
  /// gives the bytes it took. `depth` is 0 then; otherwise it took all of them. Parts but the last
  /// have a multiple of 64 bytes; the first begins with a bracket.
  std::size_t walk(std::string_view text);
};

}  // namespace pinfeed
