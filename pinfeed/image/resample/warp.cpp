// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.14; OpenCV 4, imgproc/imgwarp.cpp.
//
// OpenCV's warpPerspective, bit for bit.
//
// Each pixel of the result has a source coordinate, rounded half to even to 1/32 pixel. Its value
// is the sum of four neighbours with weights in 1/1024, rounded half up (uint8) or in the order of
// the neighbours (float32). OpenCV computes the coordinates in blocks of at most 1024 columns: it
// multiplies the matrix once per block and adds the step times the column within the block. How
// these doubles round depends on the block, so the same blocks are used here.
//
// If the matrix is affine, the coordinates of a row move along a straight line, which enters and
// leaves the inside of the image at most once. So a range of pixels whose first and last one are on
// the same side of the image is there as a whole: it is written by one vector loop (inside) or as
// border. A mixed range is halved until its parts are uniform (class RangeWriter).
#include "pinfeed/image/resample/warp.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "pinfeed/image/resample/warp_kernels.h"

namespace pinfeed::image {
namespace {

constexpr int max_coordinate = 32767;  // OpenCV stores coordinates in 16 bits

constexpr int max_block_width = 32 * 32;
int block_width(Size size) {
  return std::min(max_block_width / std::min(16, size.height), size.width);
}

// The source coordinates of a block of a row, in 1/32 pixels.
struct Coordinates {
  std::array<std::int32_t, max_block_width + warp_padding> x;
  std::array<std::int32_t, max_block_width + warp_padding> y;
};

WarpLine line_at(const std::array<double, 9>& m, int x, int y) {
  return {{m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5], m[6] * x + m[7] * y + m[8]},
          {m[0], m[3], m[6]}};
}

// The four pixels around a coordinate and their weights, in 1/1024.
template <class T>
struct PixelCorners {
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

  void write(std::int32_t fixed_x, std::int32_t fixed_y, T* to) const {
    const int x = clamped(fixed_x >> 5);
    const int y = clamped(fixed_y >> 5);
    const int right = fixed_x & (warp_steps - 1);
    const int down = fixed_y & (warp_steps - 1);
    PixelCorners<T> corners;
    corners.pixel = {pixel(x, y), pixel(x + 1, y), pixel(x, y + 1), pixel(x + 1, y + 1)};
    corners.weight = {(warp_steps - right) * (warp_steps - down), right * (warp_steps - down),
                      (warp_steps - right) * down, right * down};
    for (int c = 0; c < in_->channels; ++c) to[c] = mixed(corners, c);
  }

  void write_border(T* to) const { std::copy_n(border_.begin(), 3, to); }

 private:
  static int clamped(int value) { return std::clamp(value, -max_coordinate - 1, max_coordinate); }

  const T* pixel(int x, int y) const {
    const bool inside = x >= 0 && y >= 0 && x < in_->width && y < in_->height;
    if (!inside) return border_.data();
    return reinterpret_cast<const T*>(in_->row(y)) + static_cast<std::ptrdiff_t>(x) * in_->channels;
  }

  static T mixed(const PixelCorners<T>& corners, int c) {
    if constexpr (std::is_same_v<T, float>) {
      float sum = 0.0F;
      for (std::size_t i = 0; i < 4; ++i) {
        sum += corners.pixel[i][c] *
               (static_cast<float>(corners.weight[i]) / (warp_steps * warp_steps));
      }
      return sum;
    } else {
      int sum = warp_steps * warp_steps / 2;
      for (std::size_t i = 0; i < 4; ++i) sum += corners.pixel[i][c] * corners.weight[i];
      return static_cast<T>(sum >> 10);
    }
  }

  const ImageView* in_;
  std::array<T, 4> border_ = {};
};

// Where a coordinate lies: all neighbours are inside the image, so that warp_pixels may compute it;
// all are outside, on one side; or it is at the edge, where both kinds occur.
enum class Side { inside, left, right, above, below, edge };

Side side_of(const ImageView& in, std::int32_t fixed_x, std::int32_t fixed_y) {
  const int x = fixed_x >> 5;
  const int y = fixed_y >> 5;
  if (x < -1) return Side::left;
  if (y < -1) return Side::above;
  if (x >= in.width) return Side::right;
  if (y >= in.height) return Side::below;
  const bool inside = x >= 0 && y >= 0 && x < std::min(in.width - 2, max_coordinate) &&
                      y < std::min(in.height - 1, max_coordinate);
  return inside ? Side::inside : Side::edge;
}

// Writes ranges of a block of an affine warp, for uint8 pixels of three channels.
class RangeWriter {
 public:
  RangeWriter(const Sampler<std::uint8_t>& sampler, const ImageView& in,
              const Coordinates& coordinates)
      : sampler_(sampler), in_(in), coordinates_(coordinates) {}

  void write(std::size_t begin, std::size_t end, std::uint8_t* to) const {
    const Side side = side_at(begin);
    if (end - begin > 1 && (side == Side::edge || side != side_at(end - 1))) {
      const std::size_t middle = begin + (end - begin) / 2;
      write(begin, middle, to);
      write(middle, end, to + 3 * (middle - begin));
    } else if (side == Side::edge) {
      sampler_.write(coordinates_.x[begin], coordinates_.y[begin], to);
    } else if (side == Side::inside) {
      warp_pixels(reinterpret_cast<const std::uint8_t*>(in_.data),
                  static_cast<std::int32_t>(in_.row_bytes), &coordinates_.x[begin],
                  &coordinates_.y[begin], end - begin, to);
    } else {
      for (std::size_t i = begin; i < end; ++i, to += 3) sampler_.write_border(to);
    }
  }

 private:
  Side side_at(std::size_t i) const { return side_of(in_, coordinates_.x[i], coordinates_.y[i]); }

  const Sampler<std::uint8_t>& sampler_;
  const ImageView& in_;
  const Coordinates& coordinates_;
};

template <class T>
void write_range(const Sampler<T>& sampler, const ImageView& in, const Coordinates& coordinates,
                 std::size_t count, T* to) {
  for (std::size_t i = 0; i < count; ++i, to += in.channels) {
    sampler.write(coordinates.x[i], coordinates.y[i], to);
  }
}

template <class T>
void warp_as(const ImageView& in, const std::array<double, 9>& back,
             const std::array<double, 3>& border, const ImageView& out) {
  const Sampler<T> sampler(in, border);
  const bool affine = back[6] == 0.0 && back[7] == 0.0;
  const bool small = in.row_bytes * in.height <= std::numeric_limits<std::int32_t>::max();
  const int block = block_width(out.size());
  Coordinates coordinates;
  for (int y = 0; y < out.height; ++y) {
    T* to = reinterpret_cast<T*>(out.row(y));
    for (int x = 0; x < out.width; x += block) {
      const auto count = static_cast<std::size_t>(std::min(block, out.width - x));
      warp_coordinates(line_at(back, x, y), count, coordinates.x.data(), coordinates.y.data());
      T* first = to + static_cast<std::ptrdiff_t>(x) * out.channels;
      if constexpr (std::is_same_v<T, std::uint8_t>) {
        if (affine && small && in.channels == 3) {
          RangeWriter(sampler, in, coordinates).write(0, count, first);
          continue;
        }
      }
      write_range(sampler, in, coordinates, count, first);
    }
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
