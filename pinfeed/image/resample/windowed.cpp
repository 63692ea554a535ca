// SPDX-License-Identifier: Apache-2.0
// OpenCV's INTER_CUBIC and INTER_LANCZOS4.
//
// For uint8 pixels the weights are in 1/2048 and the sums are integers, except that OpenCV's vector
// code adds the rows of a bicubic resize in float32, eight values at a time. For float32 pixels the
// order of additions decides how sums round: OpenCV's vector code adds the rows from the last to
// the first, four values at a time; the rest of a row is added from the first to the last.
#include <algorithm>
#include <array>
#include <cmath>

#include "pinfeed/image/resample/filters.h"

namespace pinfeed::image {
namespace {

constexpr int max_taps = 8;
constexpr int vector_width = 8;
constexpr int float_vector_width = 4;
constexpr float weight_one = 2048.0F;

// The input positions and weights of one output position.
struct WideTap {
  std::array<int, max_taps> from = {};
  std::array<std::int16_t, max_taps> weight = {};
  std::array<float, max_taps> share = {};  // the weights before rounding
};

using Shares = std::array<float, max_taps>;

Shares cubic_shares(float x) {
  constexpr float a = -0.75F;
  const auto inner = [](float t) { return ((a + 2) * t - (a + 3)) * t * t + 1; };
  Shares shares = {};
  shares[0] = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
  shares[1] = inner(x);
  shares[2] = inner(1 - x);
  shares[3] = 1.0F - shares[0] - shares[1] - shares[2];
  return shares;
}

Shares lanczos_shares(float x) {
  constexpr double half = 0.70710678118654752440084436210485;
  constexpr double eighth = 3.14159265358979323846 * 0.25;
  constexpr std::array<std::array<double, 2>, max_taps> rotations = {{{1, 0},
                                                                      {-half, -half},
                                                                      {0, 1},
                                                                      {half, -half},
                                                                      {-1, 0},
                                                                      {half, half},
                                                                      {0, -1},
                                                                      {-half, half}}};
  const double start = -static_cast<double>(x + 3) * eighth;
  const double sine = std::sin(start);
  const double cosine = std::cos(start);
  Shares shares = {};
  float sum = 0.0F;
  for (int i = 0; i < max_taps; ++i) {
    const float distance = x + 3 - static_cast<float>(i);
    const auto at = static_cast<std::size_t>(i);
    const double angle = -static_cast<double>(distance) * eighth;
    shares[at] = std::fabs(distance) >= 1e-6F
                     ? static_cast<float>((rotations[at][0] * sine + rotations[at][1] * cosine) /
                                          (angle * angle))
                     : 1e30F;  // this tap gets the whole weight
    sum += shares[at];
  }
  sum = 1.0F / sum;
  for (float& share : shares) share *= sum;
  return shares;
}

std::vector<WideTap> wide_taps(int from, int to, bool cubic) {
  const double step = 1.0 / (static_cast<double>(to) / from);
  std::vector<WideTap> taps;
  for (int i = 0; i < to; ++i) {
    const auto source = static_cast<float>((i + 0.5) * step - 0.5);
    const int first = static_cast<int>(std::floor(source));
    const float share = source - static_cast<float>(first);
    const Shares shares = cubic ? cubic_shares(share) : lanczos_shares(share);
    WideTap tap;
    tap.share = shares;
    for (int k = 0; k < (cubic ? 4 : 8); ++k) {
      const auto at = static_cast<std::size_t>(k);
      tap.from[at] = std::clamp(first + k - (cubic ? 1 : 3), 0, from - 1);
      tap.weight[at] = static_cast<std::int16_t>(std::lrintf(shares[at] * weight_one));
    }
    taps.push_back(tap);
  }
  return taps;
}

// The horizontal pass of a row, in 1/2048.
void mix_columns(const std::uint8_t* from, int channels, const std::vector<WideTap>& taps,
                 std::size_t count, std::int32_t* to) {
  for (const WideTap& tap : taps) {
    for (int c = 0; c < channels; ++c) {
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < count; ++k)
        sum += from[tap.from[k] * channels + c] * tap.weight[k];
      *to++ = sum;
    }
  }
}

using Rows = std::array<const std::int32_t*, max_taps>;

void mix_rows(const Rows& rows, const WideTap& tap, std::size_t count, int begin, int end,
              std::uint8_t* to) {
  for (int i = begin; i < end; ++i) {
    std::int32_t sum = 1 << 21;
    for (std::size_t k = 0; k < count; ++k) sum += rows[k][i] * tap.weight[k];
    to[i] = static_cast<std::uint8_t>(std::clamp(sum >> 22, 0, 255));
  }
}

void mix_rows_as_vectors(const Rows& rows, const WideTap& tap, int end, std::uint8_t* to) {
  std::array<float, 4> weights = {};
  for (std::size_t k = 0; k < 4; ++k) {
    weights[k] = static_cast<float>(tap.weight[k]) * (1.0F / (weight_one * weight_one));
  }
  for (int i = 0; i < end; ++i) {
    float sum = static_cast<float>(rows[3][i]) * weights[3];
    for (std::size_t k = 3; k-- > 0;) sum = static_cast<float>(rows[k][i]) * weights[k] + sum;
    to[i] = static_cast<std::uint8_t>(std::clamp(std::nearbyint(sum), 0.0F, 255.0F));
  }
}

void mix_columns(const float* from, int channels, const std::vector<WideTap>& taps,
                 std::size_t count, float* to) {
  for (const WideTap& tap : taps) {
    for (int c = 0; c < channels; ++c) {
      float sum = from[tap.from[0] * channels + c] * tap.share[0];
      for (std::size_t k = 1; k < count; ++k)
        sum += from[tap.from[k] * channels + c] * tap.share[k];
      *to++ = sum;
    }
  }
}

using FloatRows = std::array<const float*, max_taps>;

void mix_rows(const FloatRows& rows, const WideTap& tap, std::size_t count, int values, float* to) {
  const int in_vectors = values / float_vector_width * float_vector_width;
  for (int i = 0; i < in_vectors; ++i) {
    float sum = rows[count - 1][i] * tap.share[count - 1];
    for (std::size_t k = count - 1; k-- > 0;) sum = rows[k][i] * tap.share[k] + sum;
    to[i] = sum;
  }
  for (int i = in_vectors; i < values; ++i) {
    float sum = rows[0][i] * tap.share[0];
    for (std::size_t k = 1; k < count; ++k) sum += rows[k][i] * tap.share[k];
    to[i] = sum;
  }
}

void resize_floats(const ImageView& in, bool cubic, const ImageView& out,
                   FilterWorkspace& workspace) {
  const std::size_t count = cubic ? 4 : 8;
  const std::vector<WideTap> column_taps = wide_taps(in.width, out.width, cubic);
  const std::vector<WideTap> row_taps = wide_taps(in.height, out.height, cubic);
  const int values = out.width * out.channels;
  const auto row_values = static_cast<std::size_t>(values);
  workspace.float_sums.resize(row_values * static_cast<std::size_t>(in.height));
  for (int y = 0; y < in.height; ++y) {
    mix_columns(reinterpret_cast<const float*>(in.row(y)), in.channels, column_taps, count,
                workspace.float_sums.data() + row_values * static_cast<std::size_t>(y));
  }
  for (int y = 0; y < out.height; ++y) {
    const WideTap& tap = row_taps[static_cast<std::size_t>(y)];
    FloatRows rows = {};
    for (std::size_t k = 0; k < count; ++k) {
      rows[k] = workspace.float_sums.data() + row_values * static_cast<std::size_t>(tap.from[k]);
    }
    mix_rows(rows, tap, count, values, reinterpret_cast<float*>(out.row(y)));
  }
}

}  // namespace

void resize_windowed(const ImageView& in, Interpolation filter, const ImageView& out,
                     FilterWorkspace& workspace) {
  if (in.dtype == DType::float32) {
    return resize_floats(in, filter == Interpolation::bicubic, out, workspace);
  }
  const bool cubic = filter == Interpolation::bicubic;
  const std::size_t count = cubic ? 4 : 8;
  const std::vector<WideTap> column_taps = wide_taps(in.width, out.width, cubic);
  const std::vector<WideTap> row_taps = wide_taps(in.height, out.height, cubic);
  const int values = out.width * out.channels;
  const auto row_values = static_cast<std::size_t>(values);
  workspace.wide_sums.resize(row_values * static_cast<std::size_t>(in.height));
  for (int y = 0; y < in.height; ++y) {
    mix_columns(reinterpret_cast<const std::uint8_t*>(in.row(y)), in.channels, column_taps, count,
                workspace.wide_sums.data() + row_values * static_cast<std::size_t>(y));
  }
  const int in_vectors = cubic ? values / vector_width * vector_width : 0;
  for (int y = 0; y < out.height; ++y) {
    const WideTap& tap = row_taps[static_cast<std::size_t>(y)];
    Rows rows = {};
    for (std::size_t k = 0; k < count; ++k) {
      rows[k] = workspace.wide_sums.data() + row_values * static_cast<std::size_t>(tap.from[k]);
    }
    auto* to = reinterpret_cast<std::uint8_t*>(out.row(y));
    mix_rows_as_vectors(rows, tap, in_vectors, to);
    mix_rows(rows, tap, count, in_vectors, values, to);
  }
}

}  // namespace pinfeed::image
