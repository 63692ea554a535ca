// SPDX-License-Identifier: Apache-2.0
// Source of the rules: OpenCV 4, imgproc/resize.cpp, INTER_AREA.
#include <algorithm>
#include <cmath>
#include <type_traits>

#include "pinfeed/image/resample/filters.h"

namespace pinfeed::image {
namespace {

// The share of one input position in the mean of one output position.
struct AreaShare {
  int from = 0;
  int to = 0;
  float share = 0.0F;
};

std::vector<AreaShare> area_shares(int from, int to) {
  const double step = 1.0 / (static_cast<double>(to) / from);
  constexpr double min_overlap = 1e-3;
  std::vector<AreaShare> shares;
  for (int i = 0; i < to; ++i) {
    const double begin = i * step;
    const double end = begin + step;
    const double width = std::min(step, from - begin);
    const int last = std::min(static_cast<int>(std::floor(end)), from - 1);
    const int first = std::min(static_cast<int>(std::ceil(begin)), last);
    if (first - begin > min_overlap) {
      shares.push_back({first - 1, i, static_cast<float>((first - begin) / width)});
    }
    for (int k = first; k < last; ++k) shares.push_back({k, i, static_cast<float>(1.0 / width)});
    if (end - last > min_overlap) {
      const double rest = std::min(std::min(end - last, 1.0), width);
      shares.push_back({last, i, static_cast<float>(rest / width)});
    }
  }
  return shares;
}

template <class T>
T rounded(float value) {
  if constexpr (std::is_same_v<T, float>)
    return value;
  else
    return static_cast<T>(std::clamp(std::nearbyint(value), 0.0F, 255.0F));
}

template <class T>
void mean_by_shares(const ImageView& in, const ImageView& out) {
  const std::vector<AreaShare> columns = area_shares(in.width, out.width);
  const auto values = static_cast<std::size_t>(out.width * out.channels);
  std::vector<float> row_sum(values);
  std::vector<float> sum(values);
  int current = -1;
  const auto store = [&] {
    if (current < 0) return;
    T* to = reinterpret_cast<T*>(out.row(current));
    for (std::size_t i = 0; i < values; ++i) to[i] = rounded<T>(sum[i]);
  };
  for (const AreaShare& row : area_shares(in.height, out.height)) {
    std::fill(row_sum.begin(), row_sum.end(), 0.0F);
    const T* from = reinterpret_cast<const T*>(in.row(row.from));
    for (const AreaShare& column : columns) {
      for (int c = 0; c < in.channels; ++c) {
        row_sum[static_cast<std::size_t>(column.to * in.channels + c)] +=
            static_cast<float>(from[column.from * in.channels + c]) * column.share;
      }
    }
    const bool first = row.to != current;
    if (first) store();
    current = row.to;
    for (std::size_t i = 0; i < values; ++i) {
      sum[i] = first ? row.share * row_sum[i] : sum[i] + row.share * row_sum[i];
    }
  }
  store();
}

template <class T>
T mean_of_block(const ImageView& in, int x, int y, Size block, int c) {
  using Sum = std::conditional_t<std::is_same_v<T, float>, float, int>;
  Sum sum = 0;
  for (int row = 0; row < block.height; ++row) {
    const T* from = reinterpret_cast<const T*>(in.row(y * block.height + row));
    for (int column = 0; column < block.width; ++column) {
      sum += from[(x * block.width + column) * in.channels + c];
    }
  }
  const int area = block.width * block.height;
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    if (block == Size{2, 2}) return static_cast<T>((sum + 2) >> 2);
  }
  return rounded<T>(static_cast<float>(sum) * (1.0F / static_cast<float>(area)));
}

template <class T>
void shrink(const ImageView& in, const ImageView& out) {
  if (in.width % out.width != 0 || in.height % out.height != 0) return mean_by_shares<T>(in, out);
  const Size block = {in.width / out.width, in.height / out.height};
  for (int y = 0; y < out.height; ++y) {
    T* to = reinterpret_cast<T*>(out.row(y));
    for (int x = 0; x < out.width; ++x) {
      for (int c = 0; c < out.channels; ++c) *to++ = mean_of_block<T>(in, x, y, block, c);
    }
  }
}

// If a side grows, OpenCV mixes two neighbours, but only for output pixels that overlap both.
std::vector<Tap> enlarging_taps(int from, int to) {
  const double scale = static_cast<double>(to) / from;
  const double step = 1.0 / scale;
  std::vector<Tap> taps;
  for (int i = 0; i < to; ++i) {
    const int first = static_cast<int>(std::floor(i * step));
    const auto overlap = static_cast<float>((i + 1) - (first + 1) * scale);
    taps.push_back({first, first + 1, overlap <= 0.0F ? 0.0F : overlap - std::floor(overlap)});
  }
  return taps;
}

// The last column is not mixed; rows keep their share, as in bilinear_rows().
std::vector<Tap> column_taps(int from, int to) {
  std::vector<Tap> taps = enlarging_taps(from, to);
  for (Tap& tap : taps) {
    if (tap.first >= from - 1) tap = {from - 1, from - 1, 0.0F};
  }
  return taps;
}

std::vector<Tap> row_taps(int from, int to) {
  std::vector<Tap> taps = enlarging_taps(from, to);
  for (Tap& tap : taps) {
    tap.first = std::min(tap.first, from - 1);
    tap.second = std::min(tap.second, from - 1);
  }
  return taps;
}

int mix_area_columns(std::uint8_t left, std::uint8_t right, const Tap& tap) {
  return left * tap.first_weight() + right * tap.second_weight();
}
float mix_area_columns(float left, float right, const Tap& tap) {
  return left * (1.0F - tap.share) + right * tap.share;
}

std::uint8_t mix_area_rows(int top, int bottom, const Tap& tap) {
  const int upper = (tap.first_weight() * (top >> 4)) >> 16;
  const int lower = (tap.second_weight() * (bottom >> 4)) >> 16;
  return static_cast<std::uint8_t>(std::clamp((upper + lower + 2) >> 2, 0, 255));
}
float mix_area_rows(float top, float bottom, const Tap& tap) {
  return top * (1.0F - tap.share) + bottom * tap.share;
}

template <class T>
void enlarge(const ImageView& in, const ImageView& out) {
  const std::vector<Tap> columns = column_taps(in.width, out.width);
  const std::vector<Tap> lines = row_taps(in.height, out.height);
  for (int y = 0; y < out.height; ++y) {
    const Tap& line = lines[static_cast<std::size_t>(y)];
    const T* top = reinterpret_cast<const T*>(in.row(line.first));
    const T* bottom = reinterpret_cast<const T*>(in.row(line.second));
    T* to = reinterpret_cast<T*>(out.row(y));
    for (const Tap& column : columns) {
      const int first = column.first * in.channels;
      const int second = column.second * in.channels;
      for (int c = 0; c < in.channels; ++c) {
        *to++ =
            mix_area_rows(mix_area_columns(top[first + c], top[second + c], column),
                          mix_area_columns(bottom[first + c], bottom[second + c], column), line);
      }
    }
  }
}

template <class T>
void resize_as(const ImageView& in, const ImageView& out) {
  if (out.width > in.width || out.height > in.height) return enlarge<T>(in, out);
  shrink<T>(in, out);
}

}  // namespace

void resize_by_area(const ImageView& in, const ImageView& out) {
  if (in.dtype == DType::uint8)
    resize_as<std::uint8_t>(in, out);
  else
    resize_as<float>(in, out);
}

}  // namespace pinfeed::image
