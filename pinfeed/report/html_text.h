// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pinfeed {

/// The text for HTML, also for an attribute in double quotes: the special characters are escaped,
/// bytes that are not UTF-8 become U+FFFD, and control characters become blanks.
std::string html_text(std::string_view text);

/// The bytes in base64.
std::string base64(std::string_view bytes);

/// "1,234,567".
std::string grouped(std::int64_t number);

/// A number in a table: 3 decimals, or a dash for one that is not finite.
std::string decimal_text(double value);

}  // namespace pinfeed
