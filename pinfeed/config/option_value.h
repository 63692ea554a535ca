// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// The value that OpenMMLab's DictAction reads from the text behind the "=": "1,2" and "[1,2]" are
/// lists, "(1,2)" a tuple, then int, float, bool, None, and last str. Throws Error(config).
Value option_value(const std::string& text, const SourceSpan& span);

}  // namespace pinfeed
