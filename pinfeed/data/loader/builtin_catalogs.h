// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// All transforms, datasets, samplers, batch samplers and collates of pinfeed, from the four files
/// list.h. A program may add its own parts to the result.
Catalogs builtin();

}  // namespace pinfeed
