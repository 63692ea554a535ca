// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/image.h"

namespace pinfeed::image {

ImageView Image::view() const {
  const auto row_bytes = static_cast<std::ptrdiff_t>(
      static_cast<std::size_t>(pixels.shape[1] * pixels.shape[2]) * size_of(pixels.dtype));
  return {pixels.data(), height(), width(), channels(), row_bytes, pixels.dtype};
}

ImageView part_of(const ImageView& view, Rect window) {
  ImageView part = view;
  const std::size_t pixel = static_cast<std::size_t>(view.channels) * size_of(view.dtype);
  part.data = view.row(window.y) + static_cast<std::size_t>(window.x) * pixel;
  part.width = window.width;
  part.height = window.height;
  return part;
}

std::uint8_t* Image::at(int y, int x) const {
  return pixels.data_as<std::uint8_t>() +
         (static_cast<std::ptrdiff_t>(y) * width() + x) * channels();
}

Image make_image(Size size, int channels, DType dtype) {
  return {Tensor::empty(dtype, {size.height, size.width, channels})};
}

}  // namespace pinfeed::image
