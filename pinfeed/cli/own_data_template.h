// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace pinfeed::cli {

/// The text of configs/own_data.py. CMake writes the source file.
extern const std::string_view own_data_template;

}  // namespace pinfeed::cli
