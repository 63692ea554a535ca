// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include "pinfeed/config/read.h"

namespace pinfeed::python {

/// The root of a config that Python gives: a mapping, and the config that it was read from, or
/// None, whose spans it keeps. Throws Error(config).
Value root_of(nanobind::handle mapping, nanobind::handle read);

}  // namespace pinfeed::python
