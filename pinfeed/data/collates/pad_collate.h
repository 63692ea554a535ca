// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// pseudo_collate, except that the images are padded at the right and the bottom to the largest
/// width and height of the batch and stacked. 'valid_shapes' (n, 2), int64, has the (h, w) of each
/// image before padding.
struct PadCollate {
  static constexpr auto name = "pad_collate";

  int size_divisor = 1;    // the padded width and height are multiples of it
  double pad_value = 0.0;  // 0 to 255; the preprocessor replaces it by its own
};
void describe(Schema<PadCollate>& schema);
Layout layout(const PadCollate& params, std::span<const TreeNode> samples, Arena& arena);
ImageBound padded(const PadCollate& params, const ImageBound& images);

}  // namespace pinfeed
