// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "pinfeed/core/geometry.h"
#include "pinfeed/core/tensor.h"

namespace pinfeed::image {

/// Pixels that another object owns: H x W x C, BGR, uint8 or float32. Channels of a pixel and
/// pixels of a row are adjacent; rows are `row_bytes` apart. The owner must outlive the view.
struct ImageView {
  std::byte* data = nullptr;
  int height = 0;
  int width = 0;
  int channels = 3;
  std::ptrdiff_t row_bytes = 0;
  DType dtype = DType::uint8;

  std::byte* row(int y) const { return data + y * row_bytes; }
  Size size() const { return {width, height}; }
};

/// A window of the pixels, which must lie inside the view.
ImageView part_of(const ImageView& view, Rect window);

/// An image that owns its pixels: (H, W, C) row-major in pageable memory.
struct Image {
  Tensor pixels = {};

  int height() const { return static_cast<int>(pixels.shape[0]); }
  int width() const { return static_cast<int>(pixels.shape[1]); }
  int channels() const { return static_cast<int>(pixels.shape[2]); }
  Size size() const { return {width(), height()}; }
  ImageView view() const;
  /// The first channel of the pixel at row y, column x.
  std::uint8_t* at(int y, int x) const;
};

/// Uninitialised.
Image make_image(Size size, int channels = 3, DType dtype = DType::uint8);

}  // namespace pinfeed::image
