// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pinfeed {

/// The text of an XML file in UTF-8. Its encoding is that of its byte-order mark, or the one that
/// its XML declaration names, or UTF-8. Throws Error(data) naming the file, the encoding and the
/// byte if the text is not in this encoding, and if the encoding is unknown.
std::string xml_in_utf8(std::string text, const std::string& path);

}  // namespace pinfeed
