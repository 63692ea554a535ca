// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>

namespace pinfeed {

/// The smallest multiple of `unit` that is at least `size`; unit >= 1, size >= 0.
template <class T>
constexpr T rounded_up(T size, std::type_identity_t<T> unit) {
  return (size + unit - 1) / unit * unit;
}

}  // namespace pinfeed
