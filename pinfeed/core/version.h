// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace pinfeed {

/// Of these headers, "major.minor.patch". CMake reads it from here.
inline constexpr auto headers_version = "0.1.0";

}  // namespace pinfeed
