// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pinfeed {

/// `text` without the blanks at both ends; blanks are those of Python's str.strip() in ASCII.
std::string_view trimmed(std::string_view text, std::string_view blanks = " \t\r\n\v\f");

/// ASCII letters in lower case, everything else as it is.
std::string lower_case(std::string_view text);

}  // namespace pinfeed
