// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace pinfeed {

/// The index in "cuda:N", 0 for "cuda"; empty for any other device name.
std::optional<int> cuda_index(std::string_view device);

}  // namespace pinfeed
