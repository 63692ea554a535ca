// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/bound.h"

#include <algorithm>

namespace pinfeed {

PictureBound bound_of(std::int64_t width, std::int64_t height) {
  return {width, height, width * height};
}

Bound either(const Bound& one, const Bound& other) {
  if (!one || !other) return std::nullopt;
  return PictureBound{std::max(one->width, other->width), std::max(one->height, other->height),
                      std::max(one->pixels, other->pixels)};
}

PictureBound cut(const Bound& pictures, std::int64_t width, std::int64_t height) {
  if (!pictures) return bound_of(width, height);
  PictureBound left =
      bound_of(std::min(pictures->width, width), std::min(pictures->height, height));
  left.pixels = std::min(left.pixels, pictures->pixels);
  return left;
}

bool within(const Bound& bound, Size picture) {
  const std::int64_t pixels = static_cast<std::int64_t>(picture.width) * picture.height;
  return !bound || (picture.width <= bound->width && picture.height <= bound->height &&
                    pixels <= bound->pixels);
}

}  // namespace pinfeed
