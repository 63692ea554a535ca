// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pinfeed {

/// The text with the special characters of XML escaped.
std::string xml_text(const std::string& text);

}  // namespace pinfeed
