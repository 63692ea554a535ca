// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Every transform, dataset, sampler, batch sampler and collate of pinfeed: the lists transforms.h,
/// datasets.h, samplers.h and collates.h. A program adds its own to the result.
Catalogs builtin();

}  // namespace pinfeed
