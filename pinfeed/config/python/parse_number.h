// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pinfeed {

/// The integer that Python's int(text) gives: blanks around it, a sign, "1_000"; nothing when it
/// gives none. Throws Error(config) when it does not fit 64 bits.
std::optional<std::int64_t> parse_int(std::string_view text);

/// The float that Python's float(text) gives: "1e-3", ".5", "inf", "nan"; or nothing.
std::optional<double> parse_float(std::string_view text);

}  // namespace pinfeed
