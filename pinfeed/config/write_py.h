// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// The config as a file in Python that OpenMMLab and pinfeed read back to the same tree: one
/// assignment per name, in order. Tuples, floats and integer keys are preserved. Throws
/// Error(config) for a name that cannot be assigned.
std::string write_py(const Dict& root);

}  // namespace pinfeed
