// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/render_buffers.h"

#include <functional>

namespace pinfeed::image {

ImageView RenderBuffers::next(Size size, int channels, DType dtype) {
  buffer_index = 1 - buffer_index;
  const std::size_t row = static_cast<std::size_t>(size.width * channels) * size_of(dtype);
  std::vector<std::byte>& bytes = images[buffer_index];
  const std::size_t needed = row * static_cast<std::size_t>(size.height);
  constexpr std::size_t small = std::size_t{1} << 20U;
  RecentPeak& peak = recent[buffer_index];
  peak.add(needed);
  const bool too_large = bytes.size() > 2 * peak.value() + small;
  if (bytes.size() < needed || too_large) {
    std::vector<std::byte>().swap(bytes);  // before the new memory is allocated
    bytes.resize(needed);
  }
  return {bytes.data(), size.height, size.width, channels, static_cast<std::ptrdiff_t>(row), dtype};
}

bool RenderBuffers::owns(const ImageView& pixels) const {
  const std::vector<std::byte>& bytes = images[buffer_index];
  const std::less<> before;
  return !before(pixels.data, bytes.data()) && before(pixels.data, bytes.data() + bytes.size());
}

}  // namespace pinfeed::image
