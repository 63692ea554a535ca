// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "pinfeed/core/arena.h"
#include "pinfeed/data/masks.h"

namespace pinfeed {

/// The masks of the objects of one image, with the memory that they are in. Pixels of bitmaps are
/// computed when they are read.
struct TruthMasks {
  TruthMasks() = default;
  TruthMasks(const TruthMasks&) = delete;
  TruthMasks& operator=(const TruthMasks&) = delete;

  Arena arena = Arena(4096);
  Masks masks = Masks(arena);
};

/// A copy of masks that are in the memory of a batch, and may outlive it.
std::shared_ptr<TruthMasks> copied_masks(const Masks& masks);

}  // namespace pinfeed
