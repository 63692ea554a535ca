// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/config/read.h"

namespace pinfeed::cli {

/// A warning for each `--cfg-options` text that changes nothing: a name that nothing reads, with
/// the nearest one; a variable that the config has used already; a key that its part does not have;
/// a str of pinfeed.follow that lost its final slash. `config` has the options, `before` has not.
std::vector<std::string> option_warnings(const Config& config, const Config& before,
                                         const std::vector<std::string>& options);

}  // namespace pinfeed::cli
