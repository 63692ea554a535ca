// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/config/value/merge.h"

namespace pinfeed {

/// Applies the "key=value" texts of `--cfg-options` with the rules of OpenMMLab's DictAction: all
/// of them together; the last value of a key counts. Throws Error(config) with the span in the text
/// of the option.
void apply_options(Dict& root, const std::vector<std::string>& options);
/// The same; appends each replaced value to `history`, in order.
void apply_options(Dict& root, const std::vector<std::string>& options,
                   std::vector<Override>& history);

}  // namespace pinfeed
