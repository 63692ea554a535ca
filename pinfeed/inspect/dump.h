// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/data/loader/loader.h"

namespace pinfeed {

/// The tensors of batch K by name, copied and row-major: `K.inputs` (N, C, H, W) if they are
/// stacked, else `K.inputs.i` (C, H, W); `K.i.bboxes` (n, 4) float32, `K.i.labels` (n) int64,
/// `K.i.ignored_bboxes`, `K.i.ignored_labels`, and `K.i.masks` (n, H, W) uint8 if masks are loaded;
/// where i is the position of the sample in the batch. `metadata` has for each `K.i` a JSON text
/// with img_id, img_path, ori_shape, img_shape, scale_factor, flip and flip_direction.
struct DumpedBatch {
  std::vector<std::pair<std::string, Tensor>> tensors = {};
  std::vector<std::pair<std::string, std::string>> metadata = {};
};

/// The dump of a batch; `number` is K.
DumpedBatch dumped(const Batch& batch, std::int64_t number);

}  // namespace pinfeed
