// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "pinfeed/core/geometry.h"

namespace pinfeed {

/// What no picture exceeds: its width, its height and the number of its pixels, each by itself. A
/// resize into 1333 x 800 either way round has sides of 1333 and 1333 * 800 pixels.
struct PictureBound {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t pixels = 0;
  bool operator==(const PictureBound&) const = default;
};

/// Empty where nothing is known.
using Bound = std::optional<PictureBound>;

/// Pictures of this size.
PictureBound bound_of(std::int64_t width, std::int64_t height);
/// Pictures of one bound or the other.
Bound either(const Bound& one, const Bound& other);
/// What is left of pictures in a window of this size.
PictureBound cut(const Bound& pictures, std::int64_t width, std::int64_t height);
/// True when the picture stays within the bound, or there is none.
bool within(const Bound& bound, Size picture);

}  // namespace pinfeed
