// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "pinfeed/core/geometry.h"

namespace pinfeed {

/// An upper bound of the width, of the height and of the number of pixels of images, each
/// separately. Images that are resized to fit into 1333 x 800 or 800 x 1333 have a width and a
/// height of at most 1333 and at most 1333 * 800 pixels.
struct ImageBound {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t pixels = 0;
  bool operator==(const ImageBound&) const = default;
};

/// Empty: no bound is known.
using Bound = std::optional<ImageBound>;

/// The bound of images of this size.
ImageBound bound_of(std::int64_t width, std::int64_t height);
/// The bound of images that satisfy one bound or the other.
Bound either(const Bound& one, const Bound& other);
/// The bound of the images cropped to a window of this size.
ImageBound cropped_bound(const Bound& images, std::int64_t width, std::int64_t height);
/// True if an image of this size satisfies the bound, or there is no bound.
bool within(const Bound& bound, Size image);

}  // namespace pinfeed
