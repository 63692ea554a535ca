// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pinfeed/formats/safetensors.h"
#include "pinfeed/inspect/dump.h"

namespace pinfeed {

/// The batches that `pinfeed batches --dump` wrote. Throws Error(data) when the file is missing,
/// broken, or holds something else.
std::vector<DumpedBatch> read_dump(const std::string& path);

/// Where two dumps of the same batch differ first, in words, or empty: the sample, the field, the
/// pixel or object, and both values: "sample 2, inputs at x 7, y 3, channel 1: 17 here, 18 in
/// `name`; 5 of 12288 values differ". Values are compared bit by bit, img_path by its last part.
std::string first_difference(const DumpedBatch& here, const DumpedBatch& there,
                             const std::string& name);

}  // namespace pinfeed
