// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <unordered_map>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// A dictionary while it is read: of a key that is written twice the later value counts. Setting a
/// key takes no longer when there are many.
class GrowingDict {
 public:
  void set(Key key, Value value, SourceSpan span);
  /// What was set; the dictionary is done.
  Dict taken() { return std::move(dict_); }

 private:
  Dict dict_;
  std::unordered_map<std::string, std::size_t> index_;  // "s" or "i" and the key: its position
};

}  // namespace pinfeed
