// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace pinfeed {

/// Texts that all ranks of a run see: the store through which they found each other. A call throws
/// when the store does not answer. For one thread.
struct SharedKeys {
  std::function<void(const std::string& key, const std::string& value)> set = {};
  /// Empty for a key that is not set.
  std::function<std::optional<std::string>(const std::string& key)> find = {};
};

}  // namespace pinfeed
