// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/data/loader/loader.h"

namespace pinfeed {

/// The XXH3-128 of a batch, as 32 hex digits. It covers, for each sample in the order of the batch,
/// shape, dtype and pixels of its images without padding, then everything that the pipeline packed.
/// It does not depend on the collate function, the number of threads, data_root or the SIMD level.
std::string digest(const Batch& batch);

}  // namespace pinfeed
