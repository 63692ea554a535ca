// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/collates/map_tree.h"
#include "pinfeed/data/collates/pad_collate.h"

namespace pinfeed {

/// The keys of PadCollate, for a collate that has them among its own.
template <class T>
void describe_padding(Schema<T>& schema) {
  const auto own = []<class M>(M PadCollate::*member) -> M T::* { return member; };
  schema
      .optional("size_divisor", own(&PadCollate::size_divisor),
                "both sides of the batch become multiples of it", at_least(1))
      .optional("pad_value", own(&PadCollate::pad_value),
                "what is written; the preprocessor writes its own pad_value over it",
                between(0, 255));
}

/// A column of images, padded to the largest and stacked.
TreeNode padded_images(const PadCollate& params, const Column& column, Layout& layout);

/// Each image's own (h, w): (n, 2) int64.
TreeNode valid_shapes(const Column& column, Layout& layout);

}  // namespace pinfeed
