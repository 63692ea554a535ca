// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/geometry.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pinfeed {
namespace {

using Limits = std::numeric_limits<int>;

}  // namespace

int whole_number(double number) {
  if (std::isnan(number)) return 0;
  return static_cast<int>(std::clamp<double>(number, Limits::min(), Limits::max()));
}

int whole_number(std::int64_t number) {
  return static_cast<int>(std::clamp<std::int64_t>(number, Limits::min(), Limits::max()));
}

std::string to_string(Size size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

}  // namespace pinfeed
