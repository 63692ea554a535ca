// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "pinfeed/image/codec/codec_parts.h"

namespace pinfeed::image {
namespace {

// EXIF's eight orientations as strides through the stored image: the offset of the first pixel of
// the result, and the distances to its right and lower neighbours.
struct Strides {
  std::ptrdiff_t start = 0;
  std::ptrdiff_t right = 0;
  std::ptrdiff_t down = 0;
};

Strides strides_of(const ImageView& from, int orientation) {
  const std::ptrdiff_t pixel = from.channels;
  const std::ptrdiff_t row = from.row_bytes;
  const std::ptrdiff_t last_x = (from.width - 1) * pixel;
  const std::ptrdiff_t last_y = (from.height - 1) * row;
  switch (orientation) {
    case 2: return {last_x, -pixel, row};
    case 3: return {last_x + last_y, -pixel, -row};
    case 4: return {last_y, pixel, -row};
    case 5: return {0, row, pixel};
    case 6: return {last_y, -row, pixel};
    case 7: return {last_x + last_y, -row, -pixel};
    case 8: return {last_x, row, -pixel};
    default: return {0, pixel, row};
  }
}

}  // namespace

void copy_oriented(const ImageView& from, int orientation, const ImageView& to) {
  const Strides strides = strides_of(from, orientation);
  for (int y = 0; y < to.height; ++y) {
    const std::byte* source = from.data + strides.start + y * strides.down;
    std::byte* target = to.row(y);
    for (int x = 0; x < to.width; ++x, source += strides.right, target += 3)
      std::memcpy(target, source, 3);
  }
}

}  // namespace pinfeed::image
