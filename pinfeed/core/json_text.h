// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pinfeed {

/// The text as a JSON string, in quotes. Bytes that are not UTF-8 become U+FFFD.
std::string json_string(std::string_view text);

/// 17 significant digits at most: reads back to the same double. As Python's json: NaN, Infinity,
/// -Infinity.
std::string json_number(double value);

/// The same in strict JSON, which has no word for a number that is not finite: null.
std::string strict_json_number(double value);

}  // namespace pinfeed
