// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pinfeed {

/// The double as Python's repr writes it: the shortest text that reads back to the same value,
/// always with a point or an exponent ("114.0", "1e-05", "inf", "nan").
std::string python_text(double value);

/// The string as Python's repr writes it: single quotes unless only single quotes are inside.
std::string python_text(std::string_view value);

}  // namespace pinfeed
