// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/plot/xml_text.h"

namespace pinfeed {

std::string xml_text(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '<') {
      safe += "&lt;";
    } else if (c == '&') {
      safe += "&amp;";
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace pinfeed
