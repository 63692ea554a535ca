// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/geometry.h"

namespace pinfeed {

std::string to_string(Size size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

}  // namespace pinfeed
