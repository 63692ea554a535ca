// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.10, 4.11.
#include "pinfeed/image/color/hue.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

namespace pinfeed::image {
namespace {

constexpr int fraction_bits = 12;

// Reciprocals in fixed point: of the value for saturation, of the difference for hue.
struct Divisions {
  std::array<int, 256> saturation = {};
  std::array<int, 256> hue = {};
};

const Divisions& divisions() {
  static const Divisions tables = [] {
    Divisions table;
    for (std::size_t i = 1; i < 256; ++i) {
      const auto whole = static_cast<double>(1 << fraction_bits);
      const auto divisor = static_cast<double>(i);
      table.saturation[i] = static_cast<int>(std::nearbyint(255.0 * whole / divisor));
      table.hue[i] = static_cast<int>(std::nearbyint(180.0 * whole / (6.0 * divisor)));
    }
    return table;
  }();
  return tables;
}

struct Hsv8 {
  int hue = 0;  // 0..179
  int saturation = 0;
  int value = 0;
};

Hsv8 hsv_of(const std::uint8_t* bgr) {
  const int b = bgr[0];
  const int g = bgr[1];
  const int r = bgr[2];
  const int value = std::max({b, g, r});
  const int difference = value - std::min({b, g, r});
  const auto shifted = [](int number) { return (number + (1 << 11)) >> fraction_bits; };
  int hue = g - b;
  if (value != r) hue = value == g ? b - r + 2 * difference : r - g + 4 * difference;
  hue = shifted(hue * divisions().hue[static_cast<std::size_t>(difference)]);
  if (hue < 0) hue += 180;
  return {hue, shifted(difference * divisions().saturation[static_cast<std::size_t>(value)]),
          value};
}

struct Hsv {
  float hue = 0.0F;  // degrees
  float saturation = 0.0F;
  float value = 0.0F;
};

// `per_sector` is 1/60 for degrees, 6/180 for OpenCV's bytes.
std::array<float, 3> bgr_of(const Hsv& hsv, float per_sector) {
  if (hsv.saturation == 0.0F) return {hsv.value, hsv.value, hsv.value};
  static constexpr std::array<std::array<std::size_t, 3>, 6> order = {
      {{1, 3, 0}, {1, 0, 2}, {3, 0, 1}, {0, 2, 1}, {0, 1, 3}, {2, 1, 0}}};
  const float position = hsv.hue * per_sector;
  const float whole = std::floor(position);
  const float part = position - whole;
  const float turned = std::fmod(whole, 6.0F);
  const int sector = std::isfinite(turned) ? (static_cast<int>(turned) + 6) % 6 : 0;
  const std::array<float, 4> levels = {hsv.value, hsv.value * (1.0F - hsv.saturation),
                                       hsv.value * (1.0F - hsv.saturation * part),
                                       hsv.value * (1.0F - hsv.saturation * (1.0F - part))};
  const auto& chosen = order[static_cast<std::size_t>(sector)];
  return {levels[chosen[0]], levels[chosen[1]], levels[chosen[2]]};
}

std::uint8_t byte_of(float part) {
  return static_cast<std::uint8_t>(std::clamp(std::nearbyint(part * 255.0F), 0.0F, 255.0F));
}

Hsv hsv_of(const float* bgr) {
  const float b = bgr[0];
  const float g = bgr[1];
  const float r = bgr[2];
  const float value = std::max({b, g, r});
  const float difference = value - std::min({b, g, r});
  const float scale = 60.0F / (difference + FLT_EPSILON);
  float hue = (g - b) * scale;
  if (value != r) hue = value == g ? (b - r) * scale + 120.0F : (r - g) * scale + 240.0F;
  if (hue < 0.0F) hue += 360.0F;
  return {hue, difference / (std::fabs(value) + FLT_EPSILON), value};
}

void change(const Distortion& distortion, Hsv& hsv) {
  if (distortion.change_saturation) {
    hsv.saturation *= distortion.saturation;
    if (distortion.saturation > 1.0F) hsv.saturation = std::clamp(hsv.saturation, 0.0F, 1.0F);
  }
  if (!distortion.change_hue) return;
  hsv.hue += distortion.hue;
  if (hsv.hue > 360.0F) hsv.hue -= 360.0F;
  if (hsv.hue < 0.0F) hsv.hue += 360.0F;
}

}  // namespace

void add_in_hsv(const HueGains& gains, const ImageView& image) {
  for (int y = 0; y < image.height; ++y) {
    auto* pixel = reinterpret_cast<std::uint8_t*>(image.row(y));
    for (int x = 0; x < image.width; ++x, pixel += image.channels) {
      const Hsv8 hsv = hsv_of(pixel);
      const int hue = ((hsv.hue + gains.add[0]) % 180 + 180) % 180;
      const int saturation = std::clamp(hsv.saturation + gains.add[1], 0, 255);
      const int value = std::clamp(hsv.value + gains.add[2], 0, 255);
      const auto part = [](int number) { return static_cast<float>(number) * (1.0F / 255.0F); };
      const auto bgr =
          bgr_of({static_cast<float>(hue), part(saturation), part(value)}, 6.0F / 180.0F);
      for (std::size_t c = 0; c < 3; ++c) pixel[c] = byte_of(bgr[c]);
    }
  }
}

void distort(const Distortion& distortion, const ImageView& image) {
  for (int y = 0; y < image.height; ++y) {
    auto* pixel = reinterpret_cast<float*>(image.row(y));
    for (int x = 0; x < image.width; ++x, pixel += image.channels) {
      for (int c = 0; c < 3; ++c) {
        pixel[c] += distortion.brightness;
        if (distortion.contrast_first) pixel[c] *= distortion.contrast;
      }
      Hsv hsv = hsv_of(pixel);
      change(distortion, hsv);
      const auto bgr = bgr_of(hsv, 1.0F / 60.0F);
      for (std::size_t c = 0; c < 3; ++c) {
        pixel[c] = bgr[distortion.channels[c]];
        if (!distortion.contrast_first) pixel[c] *= distortion.contrast;
      }
    }
  }
}

}  // namespace pinfeed::image
