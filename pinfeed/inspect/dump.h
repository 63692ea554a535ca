// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/data/loader/loader.h"

namespace pinfeed {

/// The tensors of a batch by name, copied out of it, row-major: `K.inputs` (stacked, N,C,H,W) or
/// `K.inputs.i` (listed, C,H,W), `K.i.bboxes` (n,4) float32, `K.i.labels` (n) int64,
/// `K.i.ignored_bboxes`, `K.i.ignored_labels`, `K.i.masks` (n,H,W) uint8 where they are loaded; and
/// for each `K.i` a JSON text with img_id, img_path, ori_shape, img_shape, scale_factor, flip,
/// flip_direction (house 10).
struct DumpedBatch {
  std::vector<std::pair<std::string, Tensor>> tensors = {};
  std::vector<std::pair<std::string, std::string>> metadata = {};
};
DumpedBatch dumped(const Batch& batch, std::int64_t number);

}  // namespace pinfeed
