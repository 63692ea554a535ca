// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace pinfeed {

/// The number in `cuda:N`, 0 for `cuda`; empty for any other word.
std::optional<int> cuda_index(std::string_view word);

}  // namespace pinfeed
