// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/config/value/merge.h"

namespace pinfeed {

/// Applies the "key=value" texts of `--cfg-options` with the rules of OpenMMLab's DictAction: all
/// of them together, the last of a key wins. Throws Error(config) with the place in the option's
/// text.
void apply_options(Dict& root, const std::vector<std::string>& options);
/// The same; each value that was replaced is added to `history`, in order.
void apply_options(Dict& root, const std::vector<std::string>& options,
                   std::vector<Override>& history);

}  // namespace pinfeed
