// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pinfeed::cli {

/// The verdict on a whole section of a config: "used", or "accepted: " and the reason. Empty for a
/// section whose keys have verdicts of their own; nothing for a name that is no section.
std::optional<std::string_view> section_verdict(std::string_view section);

/// The kinds of part that a key can hold, most likely first; empty for a key that holds any kind or
/// no part.
std::vector<std::string> part_kinds_of(const std::string& key);

}  // namespace pinfeed::cli
