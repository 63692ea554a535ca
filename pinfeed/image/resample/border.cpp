// SPDX-License-Identifier: Apache-2.0
// Source of the rules: OpenCV 4, core/copy.cpp, borderInterpolate.
#include "pinfeed/image/resample/border.h"

#include <algorithm>
#include <cstring>

namespace pinfeed::image {
namespace {

// The pixel of `count` that is repeated at `index`, which may be beyond them. Mirroring continues
// back and forth if the border is longer than the image.
int source_index(int index, int count, Border border) {
  if (index < count) return index;
  if (border == Border::edge || count == 1) return count - 1;
  const bool repeats_edge = border == Border::symmetric;
  const int period = repeats_edge ? 2 * count : 2 * (count - 1);
  const int within = index % period;
  if (within < count) return within;
  return period - within - (repeats_edge ? 1 : 0);
}

}  // namespace

void extend(const ImageView& in, Border border, const ImageView& out) {
  const std::size_t pixel = static_cast<std::size_t>(in.channels) * size_of(in.dtype);
  const std::size_t row = static_cast<std::size_t>(in.width) * pixel;
  for (int y = 0; y < out.height; ++y) {
    const std::byte* from = in.row(source_index(y, in.height, border));
    std::byte* to = out.row(y);
    std::memcpy(to, from, row);
    for (int x = in.width; x < out.width; ++x) {
      const auto column = static_cast<std::size_t>(source_index(x, in.width, border));
      std::memcpy(to + static_cast<std::size_t>(x) * pixel, from + column * pixel, pixel);
    }
  }
}

}  // namespace pinfeed::image
