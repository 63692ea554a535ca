// SPDX-License-Identifier: Apache-2.0
// The reference for render(): each step alone, pixel by pixel, by its definition. Shares no code
// with pinfeed/image/.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>

#include "pinfeed/image/expression/image_expr.h"
#include "tests/image/pixels.h"

namespace pinfeed::image::eager {

inline float value(const Image& image, int y, int x, int c) {
  const std::int64_t at = (static_cast<std::int64_t>(y) * image.width() + x) * image.channels() + c;
  return image.pixels.dtype == DType::uint8
             ? static_cast<float>(image.pixels.data_as<std::uint8_t>()[at])
             : image.pixels.data_as<float>()[at];
}

/// The image whose value at (y, x, c) is `of(y, x, c)`.
inline Image made(Size size, int channels, DType dtype,
                  const std::function<float(int, int, int)>& of) {
  Image image = make_image(size, channels, dtype);
  std::int64_t at = 0;
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      for (int c = 0; c < channels; ++c, ++at) {
        const float v = of(y, x, c);
        if (dtype == DType::uint8)
          image.pixels.data_as<std::uint8_t>()[at] = static_cast<std::uint8_t>(v);
        else
          image.pixels.data_as<float>()[at] = v;
      }
    }
  }
  return image;
}

/// The same kind of image, of another size.
inline Image made_like(const Image& image, Size size,
                       const std::function<float(int, int, int)>& of) {
  return made(size, image.channels(), image.pixels.dtype, of);
}

struct SourcePosition {
  int index = 0;
  float share = 0.0F;
};

inline double step_of(int from, int to) {
  return 1.0 / (static_cast<double>(to) / static_cast<double>(from));
}

inline SourcePosition source_position(int at, int from, int to) {
  const auto position = static_cast<float>((at + 0.5) * step_of(from, to) - 0.5);
  const float whole = std::floor(position);
  return {static_cast<int>(whole), position - whole};
}

inline SourcePosition column_position(int at, int from, int to) {
  SourcePosition position = source_position(at, from, to);
  if (position.index < 0) position = {0, 0.0F};
  if (position.index >= from - 1) position = {from - 1, 0.0F};
  return position;
}

inline int weight(float share) { return static_cast<int>(std::nearbyint(share * 2048.0F)); }

inline Image bilinear(const Image& image, Size size) {
  const int last_x = image.width() - 1;
  const int last_y = image.height() - 1;
  const bool bytes = image.pixels.dtype == DType::uint8;
  if (image.width() == 2 * size.width && image.height() == 2 * size.height) {
    return made_like(image, size, [&](int y, int x, int c) {
      const float sum = ((value(image, 2 * y, 2 * x, c) + value(image, 2 * y, 2 * x + 1, c)) +
                         value(image, 2 * y + 1, 2 * x, c)) +
                        value(image, 2 * y + 1, 2 * x + 1, c);
      return bytes ? std::floor((sum + 2.0F) / 4.0F) : sum * 0.25F;
    });
  }
  return made_like(image, size, [&](int y, int x, int c) {
    const SourcePosition column = column_position(x, image.width(), size.width);
    const SourcePosition line = source_position(y, image.height(), size.height);
    const int right = std::min(column.index + 1, last_x);
    const auto mixed_columns = [&](int row) {
      const float p = value(image, std::clamp(row, 0, last_y), column.index, c);
      const float q = value(image, std::clamp(row, 0, last_y), right, c);
      if (!bytes) return p * (1.0F - column.share) + q * column.share;
      return p * static_cast<float>(weight(1.0F - column.share)) +
             q * static_cast<float>(weight(column.share));
    };
    const float top = mixed_columns(line.index);
    const float bottom = mixed_columns(line.index + 1);
    if (!bytes) return top * (1.0F - line.share) + bottom * line.share;
    const int upper = (weight(1.0F - line.share) * (static_cast<int>(top) >> 4)) >> 16;
    const int lower = (weight(line.share) * (static_cast<int>(bottom) >> 4)) >> 16;
    return static_cast<float>(std::clamp((upper + lower + 2) >> 2, 0, 255));
  });
}

inline Image nearest(const Image& image, Size size) {
  return made_like(image, size, [&](int y, int x, int c) {
    const int row = static_cast<int>(std::floor(y * step_of(image.height(), size.height)));
    const int column = static_cast<int>(std::floor(x * step_of(image.width(), size.width)));
    return value(image, std::min(row, image.height() - 1), std::min(column, image.width() - 1), c);
  });
}

inline Image resized(const Image& image, Size size, Interpolation interpolation) {
  if (size == image.size()) return image;
  return interpolation == Interpolation::nearest ? nearest(image, size) : bilinear(image, size);
}

inline Image cropped(const Image& image, Rect window) {
  return made_like(image, {window.width, window.height}, [&](int y, int x, int c) {
    return value(image, window.y + y, window.x + x, c);
  });
}

inline Image flipped(const Image& image, FlipDirection direction) {
  return made_like(image, image.size(), [&](int y, int x, int c) {
    const int column = direction == FlipDirection::vertical ? x : image.width() - 1 - x;
    const int row = direction == FlipDirection::horizontal ? y : image.height() - 1 - y;
    return value(image, row, column, c);
  });
}

inline Image placed(const Image& image, Size size, int left, int top,
                    const std::array<double, 3>& fill) {
  return made_like(image, size, [&](int y, int x, int c) {
    const bool inside =
        y >= top && x >= left && y < top + image.height() && x < left + image.width();
    if (inside) return value(image, y - top, x - left, c);
    const double wanted = fill[static_cast<std::size_t>(c)];
    if (image.pixels.dtype == DType::float32) return static_cast<float>(wanted);
    return static_cast<float>(std::clamp(std::nearbyint(wanted), 0.0, 255.0));
  });
}

// Steps beyond the edge pixel by pixel.
inline Image extended(const Image& image, Size size, Border border) {
  const auto source_index = [border](int index, int count) {
    int at = -1;
    int step = 1;
    for (int i = 0; i <= index; ++i) {
      at += step;
      if (at < 0 || at >= count) {
        const bool mirrors = border != Border::edge && count > 1;
        const int repeated = border == Border::symmetric ? 1 : 0;
        at = mirrors ? (at < 0 ? 1 - repeated : count - 2 + repeated) : count - 1;
        if (mirrors) step = -step;
      }
    }
    return at;
  };
  return made_like(image, size, [&](int y, int x, int c) {
    return value(image, source_index(y, image.height()), source_index(x, image.width()), c);
  });
}

inline Image erased(const Image& image, Rect window, const std::array<double, 3>& fill) {
  return made_like(image, image.size(), [&](int y, int x, int c) {
    const bool inside = x >= window.x && y >= window.y && x < window.x + window.width &&
                        y < window.y + window.height;
    return inside ? static_cast<float>(fill[static_cast<std::size_t>(c)]) : value(image, y, x, c);
  });
}

// The four pixels around the coordinate, in 1/32 pixels, computed in OpenCV's blocks.
inline Image warped(const Image& image, const std::array<double, 9>& back, Size size,
                    const std::array<double, 3>& border) {
  const int block = std::min(1024 / std::min(16, size.height), size.width);
  const auto coordinate = [&](std::size_t row, int y, int x) {
    const int begin = x - x % block;
    return (back[row] * begin + back[row + 1] * y + back[row + 2]) + back[row] * (x - begin);
  };
  return made_like(image, size, [&](int y, int x, int c) {
    const double depth = coordinate(6, y, x);
    const double scale = depth != 0.0 ? 32 / depth : 0.0;
    const auto column = static_cast<int>(std::nearbyint(coordinate(0, y, x) * scale));
    const auto line = static_cast<int>(std::nearbyint(coordinate(3, y, x) * scale));
    const int left = static_cast<int>(std::floor(column / 32.0));
    const int top = static_cast<int>(std::floor(line / 32.0));
    const int right_part = column - 32 * left;
    const int lower_part = line - 32 * top;
    const auto at = [&](int row, int at_x) {
      const bool inside = row >= 0 && at_x >= 0 && row < image.height() && at_x < image.width();
      return inside ? value(image, row, at_x, c)
                    : static_cast<float>(border[static_cast<std::size_t>(c)]);
    };
    const auto share = [](int x_weight, int y_weight) {
      return static_cast<float>(x_weight * y_weight) / 1024.0F;
    };
    const float sum = ((at(top, left) * share(32 - right_part, 32 - lower_part) +
                        at(top, left + 1) * share(right_part, 32 - lower_part)) +
                       at(top + 1, left) * share(32 - right_part, lower_part)) +
                      at(top + 1, left + 1) * share(right_part, lower_part);
    return image.pixels.dtype == DType::uint8 ? std::floor(sum + 0.5F) : sum;
  });
}

inline Image blended(const Image& first, const Image& second) {
  return made_like(first, first.size(), [&](int y, int x, int c) {
    return std::floor(0.5F * value(first, y, x, c) + 0.5F * value(second, y, x, c));
  });
}

inline Image as_float(const Image& image) {
  return made(image.size(), image.channels(), DType::float32,
              [&](int y, int x, int c) { return value(image, y, x, c); });
}

inline Image normalized(const Image& image, const Normalization& rule) {
  return made(image.size(), image.channels(), DType::float32, [&](int y, int x, int c) {
    const bool swaps = rule.to_rgb && image.channels() == 3;
    const float centred =
        value(image, y, x, swaps ? 2 - c : c) - rule.mean[static_cast<std::size_t>(c)];
    const double scale = 1.0 / static_cast<double>(rule.std[static_cast<std::size_t>(c)]);
    return static_cast<float>(static_cast<double>(centred) * scale);
  });
}

}  // namespace pinfeed::image::eager
