// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pinfeed {

/// The texts of page.css and page.js.
extern const std::string_view page_style;
extern const std::string_view page_script;

}  // namespace pinfeed
