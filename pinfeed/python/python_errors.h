// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <string>

#include "pinfeed/core/error.h"

namespace pinfeed::python {

/// A pinfeed.Error (python/pinfeed/_error.py) with the data of `error`.
nanobind::object exception_of(const Error& error);

/// "ValueError: a text".
std::string exception_text(const nanobind::python_error& error);

}  // namespace pinfeed::python
