// SPDX-License-Identifier: Apache-2.0
// Source of the rules: Pillow, libImaging/Resample.c; docs/specs/openmmlab-data.md, 4.3, 4.13.
#include "pinfeed/image/resample/filters.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "pinfeed/image/resample/filter_kernels_plain.h"

namespace pinfeed::image {
namespace {

double sinc(double x) {
  if (x == 0.0) return 1.0;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double hamming(double x) {
  x = std::fabs(x);
  if (x == 0.0) return 1.0;
  if (x >= 1.0) return 0.0;
  x *= std::numbers::pi;
  // The two constants are float32 there.
  return std::sin(x) / x * (static_cast<double>(0.54F) + static_cast<double>(0.46F) * std::cos(x));
}

double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  if (x < 2.0) return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
  return 0.0;
}

double share_at(Interpolation filter, double x) {
  switch (filter) {
    case Interpolation::box: return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
    case Interpolation::hamming: return hamming(x);
    case Interpolation::bicubic: return bicubic(x);
    case Interpolation::lanczos: return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0;
    default: return std::max(0.0, 1.0 - std::fabs(x));
  }
}

// Pixels to either side that a filter looks at where nothing shrinks.
double reach_of(Interpolation filter) {
  switch (filter) {
    case Interpolation::box: return 0.5;
    case Interpolation::bicubic: return 2.0;
    case Interpolation::lanczos: return 3.0;
    default: return 1.0;
  }
}

std::int32_t stored_weight(double share) {
  const double scaled = share * (1 << filter_bits);
  return static_cast<std::int32_t>(scaled + (scaled < 0.0 ? -0.5 : 0.5));
}

void plan_axis(Interpolation filter, int from, int to, FilterSpace& space) {
  const double step = static_cast<double>(from) / to;
  const double stretch = std::max(step, 1.0);
  const double reach = reach_of(filter) * stretch;
  // At most one more than twice the reach; filter_rows wants a 0 behind an odd number.
  const std::size_t room = static_cast<std::size_t>(std::ceil(reach)) * 2 + 2;
  space.taps.clear();
  space.weights.assign(room * static_cast<std::size_t>(to), 0);
  std::int32_t* weights = space.weights.data();
  for (int i = 0; i < to; ++i, weights += room) {
    const double centre = (i + 0.5) * step;
    const int first = std::max(0, static_cast<int>(centre - reach + 0.5));
    const int count = std::min(from, static_cast<int>(centre + reach + 0.5)) - first;
    space.shares.clear();
    double sum = 0.0;
    for (int k = 0; k < count; ++k) {
      space.shares.push_back(share_at(filter, (k + first - centre + 0.5) * (1.0 / stretch)));
      sum += space.shares.back();
    }
    std::int32_t* next = weights;
    for (const double share : space.shares) {
      *next++ = stored_weight(sum != 0.0 ? share / sum : share);
    }
    space.taps.push_back({first, count, weights});
  }
}

std::uint8_t* bytes_of(const ImageView& view, int y) {
  return reinterpret_cast<std::uint8_t*>(view.row(y));
}

void copy(const ImageView& in, const ImageView& out) {
  for (int y = 0; y < out.height; ++y) {
    std::memcpy(out.row(y), in.row(y), static_cast<std::size_t>(out.width * out.channels));
  }
}

// Four rows at a time; where there are fewer, the last one counts again.
void filter_colours(const ImageView& in, const ImageView& out, FilterSpace& space) {
  space.joined.resize(static_cast<std::size_t>(in.width + 1) * 16);
  for (int y = 0; y < in.height; y += 4) {
    std::array<const std::uint8_t*, 4> from;
    std::array<std::uint8_t*, 4> to;
    for (int row = 0; row < 4; ++row) {
      const int at = std::min(y + row, in.height - 1);
      from[static_cast<std::size_t>(row)] = bytes_of(in, at);
      to[static_cast<std::size_t>(row)] = bytes_of(out, at);
    }
    join_rows(from, static_cast<std::size_t>(in.width), space.joined.data());
    filter_rows(space.joined.data(), space.taps, to);
  }
}

void filter_sideways(const ImageView& in, Interpolation filter, const ImageView& out,
                     FilterSpace& space) {
  if (in.width == out.width) return copy(in, out);
  plan_axis(filter, in.width, out.width, space);
  if (in.channels == 3) return filter_colours(in, out, space);
  for (int y = 0; y < out.height; ++y) {
    one_by_one::filter_row(bytes_of(in, y), space.taps, static_cast<std::size_t>(in.channels),
                           bytes_of(out, y));
  }
}

void filter_down(const ImageView& in, Interpolation filter, const ImageView& out,
                 FilterSpace& space) {
  if (in.height == out.height) return copy(in, out);
  plan_axis(filter, in.height, out.height, space);
  const auto values = static_cast<std::size_t>(out.width * out.channels);
  for (int y = 0; y < out.height; ++y) {
    const FilterTap& tap = space.taps[static_cast<std::size_t>(y)];
    filter_columns(bytes_of(in, tap.first), in.row_bytes, tap, values, bytes_of(out, y));
  }
}

// Which pass comes first decides what is rounded in between. Found by trying: 1489 random sizes of
// Pillow 13.0 agree.
bool vertical_first(Size from, Size to) {
  const int lost_rows = from.height - to.height;
  return lost_rows > 0 && lost_rows > 2 * (from.width - to.width);
}

}  // namespace

void resize_as_pillow(const ImageView& in, Interpolation filter, const ImageView& out,
                      FilterSpace& space) {
  const bool down_first = vertical_first(in.size(), out.size());
  const Size size = down_first ? Size{in.width, out.height} : Size{out.width, in.height};
  const int row = size.width * in.channels;
  space.middle.resize(static_cast<std::size_t>(row) * static_cast<std::size_t>(size.height));
  const ImageView middle{reinterpret_cast<std::byte*>(space.middle.data()), size.height, size.width,
                         in.channels, row};
  if (down_first) {
    filter_down(in, filter, middle, space);
    filter_sideways(middle, filter, out, space);
  } else {
    filter_sideways(in, filter, middle, space);
    filter_down(middle, filter, out, space);
  }
}

void resize_in_doubles(const ImageView& in, const ImageView& out, FilterSpace& space) {
  if (in.size() == out.size()) return copy(in, out);
  const bool halves = in.width == 2 * out.width && in.height == 2 * out.height;
  bilinear_columns({in.width, out.width, 0, out.width}, space.columns);
  bilinear_rows({in.height, out.height, 0, out.height}, space.lines);
  for (int y = 0; y < out.height; ++y) {
    const Tap line =
        halves ? Tap{2 * y, 2 * y + 1, 0.5F} : space.lines[static_cast<std::size_t>(y)];
    const std::uint8_t* top = bytes_of(in, line.first);
    const std::uint8_t* bottom = bytes_of(in, line.second);
    const double above = 1.0F - line.share;
    const double below = line.share;
    std::uint8_t* to = bytes_of(out, y);
    for (int x = 0; x < out.width; ++x) {
      const Tap tap =
          halves ? Tap{2 * x, 2 * x + 1, 0.5F} : space.columns[static_cast<std::size_t>(x)];
      const double left = 1.0F - tap.share;
      const double right = tap.share;
      const int first = tap.first * in.channels;
      const int second = tap.second * in.channels;
      for (int c = 0; c < in.channels; ++c) {
        const double upper = top[first + c] * left + top[second + c] * right;
        const double lower = bottom[first + c] * left + bottom[second + c] * right;
        *to++ = static_cast<std::uint8_t>(upper * above + lower * below);
      }
    }
  }
}

void blend(const ImageView& first, const ImageView& second) {
  for (int y = 0; y < second.height; ++y) {
    const std::uint8_t* from = bytes_of(first, y);
    std::uint8_t* to = bytes_of(second, y);
    for (int i = 0; i < second.width * second.channels; ++i) {
      to[i] = static_cast<std::uint8_t>((from[i] + to[i]) >> 1);
    }
  }
}

}  // namespace pinfeed::image
