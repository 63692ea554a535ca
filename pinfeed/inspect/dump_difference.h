// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pinfeed/formats/safetensors.h"
#include "pinfeed/inspect/dump.h"

namespace pinfeed {

/// Reads the batches that `pinfeed batches --dump` wrote. Throws Error(data) when the file is
/// missing or damaged, or is another kind of file.
std::vector<DumpedBatch> read_dump(const std::string& path);

/// Describes the first difference between two dumps of the same batch, with the sample, the field,
/// the pixel or object, and both values: "sample 2, inputs at x 7, y 3, channel 1: 17 here, 18 in
/// `name`; 5 of 12288 values differ". Empty if there is none. Values are compared bit by bit,
/// img_path by its file name.
std::string first_difference(const DumpedBatch& here, const DumpedBatch& there,
                             const std::string& name);

}  // namespace pinfeed
