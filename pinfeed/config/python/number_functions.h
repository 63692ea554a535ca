// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/config/python/evaluator.h"

namespace pinfeed::python {

// Python's functions of numbers. They throw Error(config) at `location` for other types.

Ref to_int(Heap& heap, const Arguments& arguments, const Location& location);
Ref to_float(Heap& heap, const Arguments& arguments, const Location& location);
/// Half to even; without digits the result is an int.
Ref rounded(Heap& heap, const Arguments& arguments, const Location& location);
Ref absolute(Heap& heap, const Arguments& arguments, const Location& location);
Ref smallest(Heap& heap, const Arguments& arguments, const Location& location);
Ref largest(Heap& heap, const Arguments& arguments, const Location& location);

}  // namespace pinfeed::python
