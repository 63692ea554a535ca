// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/train/input/feed.h"

namespace pinfeed {

/// Loads the batch at a position and names it. The loader is behind this batch then.
BatchIdentity identity_of(Loader& loader, const LoaderState& position);

}  // namespace pinfeed
