// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pinfeed {

/// What would be right, for what the readers of configs refuse without saying so; empty where there
/// is nothing to say. `text` is the error's.
std::string_view advice_for(std::string_view text);

}  // namespace pinfeed
