// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/data/loader/loader.h"

namespace pinfeed {

/// XXH3-128 of a batch in hex. Over, per sample in batch order: shape, dtype and valid pixels
/// (C,H,W order) of its images, then boxes, labels and meta as packed, with img_path as the
/// annotation file writes it. The same for listed, stacked and padded batches; independent of
/// threads, data_root and SIMD level.
std::string digest(const Batch& batch);

}  // namespace pinfeed
