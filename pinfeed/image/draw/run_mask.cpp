// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/draw/run_mask.h"

#include "pinfeed/core/error.h"

namespace pinfeed {

RunMask run_mask(std::span<const std::uint8_t> pixels, Size size) {
  const auto width = static_cast<std::size_t>(size.width);
  const auto height = static_cast<std::size_t>(size.height);
  if (pixels.size() != width * height)
    throw Error(ErrorKind::bug, "a mask whose pixels do not fit its size");
  RunMask mask{.size = size};
  bool inside = false;
  std::uint32_t length = 0;
  for (std::size_t x = 0; x < width; ++x) {
    for (std::size_t y = 0; y < height; ++y) {
      const bool pixel = pixels[y * width + x] != 0;
      if (pixel != inside) {
        mask.runs.push_back(length);
        length = 0;
        inside = pixel;
      }
      ++length;
    }
  }
  mask.runs.push_back(length);
  return mask;
}

std::int64_t area_of(const RunMask& mask) {
  std::int64_t area = 0;
  for (std::size_t i = 1; i < mask.runs.size(); i += 2) area += mask.runs[i];
  return area;
}

}  // namespace pinfeed
