// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/config/python/evaluator.h"

namespace pinfeed::python {

/// str.format() with the fields {}, {0} and {name}. Conversions, formats, attributes and indices
/// inside the braces are Error(config).
Ref format_method(Heap& heap, Ref self, const Arguments& arguments, const Location& location);

}  // namespace pinfeed::python
