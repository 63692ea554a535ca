// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>

namespace pinfeed {

/// The next multiple of `unit` (at least 1) from `size` (at least 0) on.
template <class T>
constexpr T rounded_up(T size, std::type_identity_t<T> unit) {
  return (size + unit - 1) / unit * unit;
}

}  // namespace pinfeed
