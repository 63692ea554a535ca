// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pinfeed {

/// `text` without the blanks at both ends; blanks are those of Python's str.strip() in ASCII.
std::string_view trimmed(std::string_view text, std::string_view blanks = " \t\r\n\v\f");

/// The text as one word of a command line for sh: in single quotes.
std::string quoted_for_shell(std::string_view text);

/// The same, without quotes where sh takes the text as it is.
std::string shell_word(std::string_view text);

/// "1 day, 2:03:04", as Python formats a timedelta of whole seconds.
std::string duration_text(double seconds);

/// A NaN without its sign, which fmt prints as "-nan"; other numbers as they are.
double without_nan_sign(double value);

/// ASCII letters in lower case, everything else as it is.
std::string lower_case(std::string_view text);

}  // namespace pinfeed
