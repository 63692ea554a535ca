// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/bound.h"

#include <algorithm>

namespace pinfeed {

ImageBound bound_of(std::int64_t width, std::int64_t height) {
  return {width, height, width * height};
}

Bound either(const Bound& one, const Bound& other) {
  if (!one || !other) return std::nullopt;
  return ImageBound{std::max(one->width, other->width), std::max(one->height, other->height),
                    std::max(one->pixels, other->pixels)};
}

ImageBound cropped_bound(const Bound& images, std::int64_t width, std::int64_t height) {
  if (!images) return bound_of(width, height);
  ImageBound cropped = bound_of(std::min(images->width, width), std::min(images->height, height));
  cropped.pixels = std::min(cropped.pixels, images->pixels);
  return cropped;
}

bool within(const Bound& bound, Size image) {
  const std::int64_t pixels = static_cast<std::int64_t>(image.width) * image.height;
  return !bound ||
         (image.width <= bound->width && image.height <= bound->height && pixels <= bound->pixels);
}

}  // namespace pinfeed
