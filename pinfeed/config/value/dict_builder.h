// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_map>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// Builds a dictionary entry by entry, in constant time for each. If a key is set twice, the later
/// value replaces the earlier one.
class DictBuilder {
 public:
  void set(Key key, Value value, SourceSpan span);
  /// The dictionary. Call it once, at the end.
  Dict build() { return std::move(dict_); }

 private:
  Dict dict_;
  std::unordered_map<std::string, std::size_t> index_;  // "s" or "i" and the key: its position
};

}  // namespace pinfeed
