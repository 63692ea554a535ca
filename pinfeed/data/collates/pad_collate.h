// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// pseudo_collate for everything but the images: these are padded at the right and the bottom to
/// the batch's largest, and stacked. 'valid_shapes' (n, 2) holds each one's own (h, w).
struct PadCollate {
  static constexpr auto name = "pad_collate";

  int size_divisor = 1;    // both sides become multiples of it
  double pad_value = 0.0;  // in pixels; the preprocessor writes its own over it
};
void describe(Schema<PadCollate>& schema);
Layout layout(const PadCollate& params, std::span<const TreeNode> samples, Arena& arena);
ImageBound padded(const PadCollate& params, const ImageBound& images);

}  // namespace pinfeed
