// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "pinfeed/core/geometry.h"

namespace pinfeed {

/// What no image exceeds: its width, its height and the number of its pixels, each by itself. A
/// resize into 1333 x 800 either way round has sides of 1333 and 1333 * 800 pixels.
struct ImageBound {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t pixels = 0;
  bool operator==(const ImageBound&) const = default;
};

/// Empty where nothing is known.
using Bound = std::optional<ImageBound>;

/// Images of this size.
ImageBound bound_of(std::int64_t width, std::int64_t height);
/// Images of one bound or the other.
Bound either(const Bound& one, const Bound& other);
/// What is left of images in a window of this size.
ImageBound cut(const Bound& images, std::int64_t width, std::int64_t height);
/// True when the image stays within the bound, or there is none.
bool within(const Bound& bound, Size image);

}  // namespace pinfeed
