// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 4.14; OpenCV 4, imgproc/imgwarp.cpp.
#include "pinfeed/image/warp.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace pinfeed::image {
namespace {

constexpr int steps = 32;  // of a pixel, in which places are known

// The place in `in` of a pixel of `out`, in 1/32 pixels.
struct Place {
  int x = 0;
  int y = 0;
};

int rounded(double value) {
  const double most = std::numeric_limits<int>::max();
  const double least = std::numeric_limits<int>::min();
  return static_cast<int>(std::nearbyint(std::clamp(value, least, most)));
}

// OpenCV walks in blocks and starts each product anew at a block's first column, which decides how
// the sums round.
int block_width(Size size) {
  constexpr int pixels = 32 * 32;
  return std::min(pixels / std::min(16, size.height), size.width);
}

class Row {
 public:
  Row(const std::array<double, 9>& back, int y, int block) : back_(&back), y_(y), block_(block) {}

  Place at(int x) const {
    const auto& m = *back_;
    const int first = x / block_ * block_;
    const int step = x - first;
    const double x0 = m[0] * first + m[1] * y_ + m[2];
    const double y0 = m[3] * first + m[4] * y_ + m[5];
    const double depth = m[6] * first + m[7] * y_ + m[8] + m[6] * step;
    const double scale = depth != 0.0 ? steps / depth : 0.0;
    return {rounded((x0 + m[0] * step) * scale), rounded((y0 + m[3] * step) * scale)};
  }

 private:
  const std::array<double, 9>* back_;
  int y_;
  int block_;
};

// The four pixels around a place, and how much each counts, in 1/1024.
template <class T>
struct Corners {
  std::array<const T*, 4> pixel = {};
  std::array<int, 4> weight = {};
};

template <class T>
class Sampler {
 public:
  Sampler(const ImageView& in, const std::array<double, 3>& border) : in_(&in) {
    for (std::size_t c = 0; c < 3; ++c) {
      border_[c] = std::is_same_v<T, float>
                       ? static_cast<T>(border[c])
                       : static_cast<T>(std::clamp(std::nearbyint(border[c]), 0.0, 255.0));
    }
  }

  void write(Place place, T* to) const {
    const int x = clipped(place.x >> 5);
    const int y = clipped(place.y >> 5);
    const int right = place.x & (steps - 1);
    const int down = place.y & (steps - 1);
    Corners<T> corners;
    corners.pixel = {pixel(x, y), pixel(x + 1, y), pixel(x, y + 1), pixel(x + 1, y + 1)};
    corners.weight = {(steps - right) * (steps - down), right * (steps - down),
                      (steps - right) * down, right * down};
    for (int c = 0; c < in_->channels; ++c) to[c] = mixed(corners, c);
  }

 private:
  static int clipped(int value) { return std::clamp(value, -32768, 32767); }

  const T* pixel(int x, int y) const {
    const bool inside = x >= 0 && y >= 0 && x < in_->width && y < in_->height;
    if (!inside) return border_.data();
    return reinterpret_cast<const T*>(in_->row(y)) + static_cast<std::ptrdiff_t>(x) * in_->channels;
  }

  static T mixed(const Corners<T>& corners, int c) {
    if constexpr (std::is_same_v<T, float>) {
      float sum = 0.0F;
      for (std::size_t i = 0; i < 4; ++i) {
        sum += corners.pixel[i][c] * (static_cast<float>(corners.weight[i]) / (steps * steps));
      }
      return sum;
    } else {
      int sum = steps * steps / 2;
      for (std::size_t i = 0; i < 4; ++i) sum += corners.pixel[i][c] * corners.weight[i];
      return static_cast<T>(sum >> 10);
    }
  }

  const ImageView* in_;
  std::array<T, 4> border_ = {};
};

template <class T>
void warp_as(const ImageView& in, const std::array<double, 9>& back,
             const std::array<double, 3>& border, const ImageView& out) {
  const Sampler<T> sampler(in, border);
  const int block = block_width(out.size());
  for (int y = 0; y < out.height; ++y) {
    const Row row(back, y, block);
    T* to = reinterpret_cast<T*>(out.row(y));
    for (int x = 0; x < out.width; ++x, to += out.channels) sampler.write(row.at(x), to);
  }
}

}  // namespace

std::array<double, 9> inverted(const std::array<double, 9>& m) {
  const double determinant = m[0] * (m[4] * m[8] - m[5] * m[7]) -
                             m[1] * (m[3] * m[8] - m[5] * m[6]) +
                             m[2] * (m[3] * m[7] - m[4] * m[6]);
  if (determinant == 0.0) return {};
  const double d = 1.0 / determinant;
  return {(m[4] * m[8] - m[5] * m[7]) * d, (m[2] * m[7] - m[1] * m[8]) * d,
          (m[1] * m[5] - m[2] * m[4]) * d, (m[5] * m[6] - m[3] * m[8]) * d,
          (m[0] * m[8] - m[2] * m[6]) * d, (m[2] * m[3] - m[0] * m[5]) * d,
          (m[3] * m[7] - m[4] * m[6]) * d, (m[1] * m[6] - m[0] * m[7]) * d,
          (m[0] * m[4] - m[1] * m[3]) * d};
}

void warp(const ImageView& in, const std::array<double, 9>& back,
          const std::array<double, 3>& border, const ImageView& out) {
  if (in.dtype == DType::uint8)
    warp_as<std::uint8_t>(in, back, border, out);
  else
    warp_as<float>(in, back, border, out);
}

}  // namespace pinfeed::image
