// SPDX-License-Identifier: Apache-2.0
// Source of the rules: OpenCV 4, core/copy.cpp, borderInterpolate.
#include "pinfeed/image/resample/border.h"

#include <algorithm>
#include <cstring>

namespace pinfeed::image {
namespace {

// Which of `count` pixels stands at a place behind them. What is longer than the image goes to
// and fro.
int shown_at(int place, int count, Border border) {
  if (place < count) return place;
  if (border == Border::edge || count == 1) return count - 1;
  const bool twice = border == Border::symmetric;  // the outermost pixel
  const int period = twice ? 2 * count : 2 * (count - 1);
  const int within = place % period;
  if (within < count) return within;
  return period - within - (twice ? 1 : 0);
}

}  // namespace

void extend(const ImageView& in, Border border, const ImageView& out) {
  const std::size_t pixel = static_cast<std::size_t>(in.channels) * size_of(in.dtype);
  const std::size_t row = static_cast<std::size_t>(in.width) * pixel;
  for (int y = 0; y < out.height; ++y) {
    const std::byte* from = in.row(shown_at(y, in.height, border));
    std::byte* to = out.row(y);
    std::memcpy(to, from, row);
    for (int x = in.width; x < out.width; ++x) {
      const auto shown = static_cast<std::size_t>(shown_at(x, in.width, border));
      std::memcpy(to + static_cast<std::size_t>(x) * pixel, from + shown * pixel, pixel);
    }
  }
}

}  // namespace pinfeed::image
