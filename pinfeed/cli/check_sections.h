// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace pinfeed::cli {

/// The kinds of part that a key can hold, most likely first; empty for a key that holds any kind or
/// no part.
std::vector<std::string> part_kinds_of(const std::string& key);

}  // namespace pinfeed::cli
