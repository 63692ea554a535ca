// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/report/report_page.h"

namespace pinfeed {

/// The first `count` samples of the first epoch of a loader, as the model gets them, with masks and
/// boxes. The loader continues behind them. Throws what the loader throws, and Error(data) when the
/// pipeline packs no image.
std::vector<PagePicture> sample_pictures(Loader& loader, std::size_t count);

}  // namespace pinfeed
