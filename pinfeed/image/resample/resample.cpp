// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/resample/resample.h"

#include <algorithm>
#include <cmath>

namespace pinfeed::image {
namespace {

constexpr float one = 2048.0F;

std::int16_t rounded_weight(float weight) { return static_cast<std::int16_t>(std::lrintf(weight)); }

// Input units per output unit. OpenCV computes the inverse first, which rounds twice.
double step_of(const Axis& axis) {
  return 1.0 / (static_cast<double>(axis.to) / static_cast<double>(axis.from));
}

// The tap before it is moved inside the image.
Tap unclamped_tap(int position, double step) {
  const auto source = static_cast<float>((position + 0.5) * step - 0.5);
  const int first = static_cast<int>(std::floor(source));
  return {first, first + 1, source - static_cast<float>(first)};
}

}  // namespace

std::int16_t Tap::first_weight() const { return rounded_weight((1.0F - share) * one); }
std::int16_t Tap::second_weight() const { return rounded_weight(share * one); }

void bilinear_columns(const Axis& axis, std::vector<Tap>& taps) {
  const double step = step_of(axis);
  const int last = axis.from - 1;
  taps.clear();
  for (int i = 0; i < axis.count; ++i) {
    const Tap tap = unclamped_tap(axis.begin + i, step);
    if (tap.first < 0)
      taps.push_back({0, std::min(1, last), 0.0F});
    else if (tap.first >= last)
      taps.push_back({last, last, 0.0F});
    else
      taps.push_back(tap);
  }
}

void bilinear_rows(const Axis& axis, std::vector<Tap>& taps) {
  const double step = step_of(axis);
  const int last = axis.from - 1;
  taps.clear();
  for (int i = 0; i < axis.count; ++i) {
    const Tap tap = unclamped_tap(axis.begin + i, step);
    taps.push_back({std::clamp(tap.first, 0, last), std::clamp(tap.second, 0, last), tap.share});
  }
}

void nearest_positions(const Axis& axis, std::vector<int>& positions) {
  const double step = step_of(axis);
  positions.clear();
  for (int i = 0; i < axis.count; ++i) {
    const int source = static_cast<int>(std::floor((axis.begin + i) * step));
    positions.push_back(std::min(source, axis.from - 1));
  }
}

}  // namespace pinfeed::image
