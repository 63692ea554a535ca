// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/core/error.h"

namespace pinfeed {

/// Throws Error(config) with this text. For the checks of schemas: Schema::parse() adds the source
/// span and the path.
[[noreturn]] inline void throw_config_error(const std::string& text) {
  throw Error(ErrorKind::config, text);
}

}  // namespace pinfeed
