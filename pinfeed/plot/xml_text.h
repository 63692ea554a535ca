// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pinfeed {

/// The text as it is written between the tags of an SVG or XML file.
std::string xml_text(const std::string& text);

}  // namespace pinfeed
