// SPDX-License-Identifier: Apache-2.0
// Source of the rules: Pillow, libImaging/Resample.c; docs/specs/openmmlab-data.md, 4.3, 4.13.
//
// Pillow's resize in two passes, bit for bit.
//
// Each output position is a weighted sum of neighbours. The filter is a function of the distance;
// when an axis shrinks, the filter is stretched by the shrink factor, so that every input pixel
// counts. The weights of a position are computed in double, divided by their sum, and rounded to
// 1/2^22 (half away from zero). A pass adds value x weight in 32-bit integers, starting from one
// half, shifts right by 22 and clamps to a byte.
//
// Integer sums do not depend on the order of the terms, so vectors may add them in any order. What
// does matter is which axis comes first, because the first pass is rounded to bytes. If the number
// of rows shrinks by more than twice the number of columns, the vertical pass is first.
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
  // Pillow stores the two constants as float32.
  return std::sin(x) / x * (static_cast<double>(0.54F) + static_cast<double>(0.46F) * std::cos(x));
}

double bicubic(double x) {
  constexpr double a = -0.5;
  x = std::fabs(x);
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  if (x < 2.0) return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
  return 0.0;
}

double filter_value(Interpolation filter, double x) {
  switch (filter) {
    case Interpolation::box: return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
    case Interpolation::hamming: return hamming(x);
    case Interpolation::bicubic: return bicubic(x);
    case Interpolation::lanczos: return x >= -3.0 && x < 3.0 ? sinc(x) * sinc(x / 3) : 0.0;
    default: return std::max(0.0, 1.0 - std::fabs(x));
  }
}

// The support of a filter on each side, in pixels, if nothing shrinks.
double support_of(Interpolation filter) {
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

void plan_axis(Interpolation filter, int from, int to, FilterWorkspace& workspace) {
  const double step = static_cast<double>(from) / to;
  const double stretch = std::max(step, 1.0);
  const double support = support_of(filter) * stretch;
  // At most twice the support plus one, and a 0 after an odd number of weights for filter_rows.
  const std::size_t stride = static_cast<std::size_t>(std::ceil(support)) * 2 + 2;
  workspace.taps.clear();
  workspace.weights.assign(stride * static_cast<std::size_t>(to), 0);
  std::int32_t* weights = workspace.weights.data();
  for (int i = 0; i < to; ++i, weights += stride) {
    const double centre = (i + 0.5) * step;
    const int first = std::max(0, static_cast<int>(centre - support + 0.5));
    const int count = std::min(from, static_cast<int>(centre + support + 0.5)) - first;
    workspace.shares.clear();
    double sum = 0.0;
    for (int k = 0; k < count; ++k) {
      workspace.shares.push_back(
          filter_value(filter, (k + first - centre + 0.5) * (1.0 / stretch)));
      sum += workspace.shares.back();
    }
    std::int32_t* next = weights;
    for (const double share : workspace.shares) {
      *next++ = stored_weight(sum != 0.0 ? share / sum : share);
    }
    workspace.taps.push_back({first, count, weights});
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

// Four rows at a time. If fewer are left, the last one is computed several times.
void filter_rows_of_colors(const ImageView& in, const ImageView& out, FilterWorkspace& workspace) {
  workspace.joined.resize(static_cast<std::size_t>(in.width + 1) * 16);
  for (int y = 0; y < in.height; y += 4) {
    std::array<const std::uint8_t*, 4> from;
    std::array<std::uint8_t*, 4> to;
    for (int row = 0; row < 4; ++row) {
      const int at = std::min(y + row, in.height - 1);
      from[static_cast<std::size_t>(row)] = bytes_of(in, at);
      to[static_cast<std::size_t>(row)] = bytes_of(out, at);
    }
    join_rows(from, static_cast<std::size_t>(in.width), workspace.joined.data());
    filter_rows(workspace.joined.data(), workspace.taps, to);
  }
}

void filter_horizontally(const ImageView& in, Interpolation filter, const ImageView& out,
                         FilterWorkspace& workspace) {
  if (in.width == out.width) return copy(in, out);
  plan_axis(filter, in.width, out.width, workspace);
  if (in.channels == 3) return filter_rows_of_colors(in, out, workspace);
  for (int y = 0; y < out.height; ++y) {
    one_by_one::filter_row(bytes_of(in, y), workspace.taps, static_cast<std::size_t>(in.channels),
                           bytes_of(out, y));
  }
}

void filter_vertically(const ImageView& in, Interpolation filter, const ImageView& out,
                       FilterWorkspace& workspace) {
  if (in.height == out.height) return copy(in, out);
  plan_axis(filter, in.height, out.height, workspace);
  const auto values = static_cast<std::size_t>(out.width * out.channels);
  for (int y = 0; y < out.height; ++y) {
    const FilterTap& tap = workspace.taps[static_cast<std::size_t>(y)];
    filter_columns(bytes_of(in, tap.first), in.row_bytes, tap, values, bytes_of(out, y));
  }
}

// Found by experiment: agrees with Pillow 13.0 for 1489 random sizes.
bool runs_vertical_pass_first(Size from, Size to) {
  const int lost_rows = from.height - to.height;
  return lost_rows > 0 && lost_rows > 2 * (from.width - to.width);
}

}  // namespace

void resize_as_pillow(const ImageView& in, Interpolation filter, const ImageView& out,
                      FilterWorkspace& workspace) {
  const bool vertical_pass_first = runs_vertical_pass_first(in.size(), out.size());
  const Size size = vertical_pass_first ? Size{in.width, out.height} : Size{out.width, in.height};
  const int row = size.width * in.channels;
  workspace.first_pass.resize(static_cast<std::size_t>(row) *
                              static_cast<std::size_t>(size.height));
  const ImageView between{reinterpret_cast<std::byte*>(workspace.first_pass.data()), size.height,
                          size.width, in.channels, row};
  if (vertical_pass_first) {
    filter_vertically(in, filter, between, workspace);
    filter_horizontally(between, filter, out, workspace);
  } else {
    filter_horizontally(in, filter, between, workspace);
    filter_vertically(between, filter, out, workspace);
  }
}

void resize_in_doubles(const ImageView& in, const ImageView& out, FilterWorkspace& workspace) {
  if (in.size() == out.size()) return copy(in, out);
  const bool halves = in.width == 2 * out.width && in.height == 2 * out.height;
  bilinear_columns({in.width, out.width, 0, out.width}, workspace.column_taps);
  bilinear_rows({in.height, out.height, 0, out.height}, workspace.row_taps);
  for (int y = 0; y < out.height; ++y) {
    const Tap line =
        halves ? Tap{2 * y, 2 * y + 1, 0.5F} : workspace.row_taps[static_cast<std::size_t>(y)];
    const std::uint8_t* top = bytes_of(in, line.first);
    const std::uint8_t* bottom = bytes_of(in, line.second);
    const double above = 1.0F - line.share;
    const double below = line.share;
    std::uint8_t* to = bytes_of(out, y);
    for (int x = 0; x < out.width; ++x) {
      const Tap tap =
          halves ? Tap{2 * x, 2 * x + 1, 0.5F} : workspace.column_taps[static_cast<std::size_t>(x)];
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
