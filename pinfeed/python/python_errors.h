// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include "pinfeed/core/error.h"

namespace pinfeed::python {

/// A pinfeed.Error (python/pinfeed/_error.py) with the data of `error`.
nanobind::object exception_of(const Error& error);

}  // namespace pinfeed::python
