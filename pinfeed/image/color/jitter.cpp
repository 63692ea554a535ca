// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/color/jitter.h"

#include <algorithm>
#include <cmath>

namespace pinfeed::image {
namespace {

template <class Change>
void each_pixel(const ImageView& image, Change change) {
  for (int y = 0; y < image.height; ++y) {
    auto* pixel = reinterpret_cast<std::uint8_t*>(image.row(y));
    for (int x = 0; x < image.width; ++x, pixel += 3) change(pixel);
  }
}

std::uint8_t grey(const std::uint8_t* bgr) {
  const unsigned sum = 19595U * bgr[2] + 38470U * bgr[1] + 7471U * bgr[0] + 0x8000U;
  return static_cast<std::uint8_t>(sum >> 16U);
}

// base + factor x (value - base), truncated. The factor may exceed 1; an infinite one leaves equal
// values as they are.
std::uint8_t mixed(std::uint8_t base, std::uint8_t value, float factor) {
  const auto start = static_cast<float>(base);
  if (base == value) return base;
  const float result = start + factor * (static_cast<float>(value) - start);
  return static_cast<std::uint8_t>(std::clamp(result, 0.0F, 255.0F));
}

void mix_with(int base, float factor, const ImageView& image) {
  std::array<std::uint8_t, 256> table = {};
  for (int value = 0; value < 256; ++value) {
    table[static_cast<std::size_t>(value)] =
        mixed(static_cast<std::uint8_t>(base), static_cast<std::uint8_t>(value), factor);
  }
  each_pixel(image, [&table](std::uint8_t* pixel) {
    for (int c = 0; c < 3; ++c) pixel[c] = table[pixel[c]];
  });
}

int mean_grey(const ImageView& image) {
  std::uint64_t sum = 0;
  each_pixel(image, [&sum](const std::uint8_t* pixel) { sum += grey(pixel); });
  const double pixels = static_cast<double>(image.width) * image.height;
  return static_cast<int>(static_cast<double>(sum) / pixels + 0.5);
}

void mix_with_grey(float factor, const ImageView& image) {
  each_pixel(image, [factor](std::uint8_t* pixel) {
    const std::uint8_t base = grey(pixel);
    for (int c = 0; c < 3; ++c) pixel[c] = mixed(base, pixel[c], factor);
  });
}

struct PillowHsv {
  std::uint8_t hue = 0;  // of 256
  std::uint8_t saturation = 0;
  std::uint8_t value = 0;
};

std::uint8_t byte(int number) { return static_cast<std::uint8_t>(std::clamp(number, 0, 255)); }

// Mixes floats and doubles in the same way as Pillow.
PillowHsv pillow_hsv_of(const std::uint8_t* bgr) {
  const auto [low, high] = std::minmax({bgr[0], bgr[1], bgr[2]});
  if (low == high) return {0, 0, high};
  const auto range = static_cast<float>(high - low);
  const float red = static_cast<float>(high - bgr[2]) / range;
  const float green = static_cast<float>(high - bgr[1]) / range;
  const float blue = static_cast<float>(high - bgr[0]) / range;
  float hue = 0.0F;
  if (bgr[2] == high) {
    hue = blue - green;
  } else if (bgr[1] == high) {
    hue = static_cast<float>(2.0 + static_cast<double>(red) - static_cast<double>(blue));
  } else {
    hue = static_cast<float>(4.0 + static_cast<double>(green) - static_cast<double>(red));
  }
  hue = static_cast<float>(std::fmod(static_cast<double>(hue) / 6.0 + 1.0, 1.0));
  const float saturation = range / static_cast<float>(high);
  return {byte(static_cast<int>(static_cast<double>(hue) * 255.0)),
          byte(static_cast<int>(static_cast<double>(saturation) * 255.0)), high};
}

std::uint8_t part(std::uint8_t value, double share) {
  const auto result = static_cast<float>(std::round(static_cast<double>(value) * (1.0 - share)));
  return byte(static_cast<int>(result));
}

void write_bgr(const PillowHsv& hsv, std::uint8_t* bgr) {
  const std::uint8_t v = hsv.value;
  if (hsv.saturation == 0) {
    std::fill_n(bgr, 3, v);
    return;
  }
  const double position = static_cast<double>(hsv.hue) * 6.0 / 255.0;
  const int sector = static_cast<int>(std::floor(position));
  const auto rest = static_cast<float>(position - sector);
  const auto saturation = static_cast<float>(static_cast<double>(hsv.saturation) / 255.0);
  const std::uint8_t p = part(v, static_cast<double>(saturation));
  const std::uint8_t q = part(v, static_cast<double>(saturation * rest));
  const std::uint8_t t =
      part(v, static_cast<double>(saturation) * (1.0 - static_cast<double>(rest)));
  const std::array<std::array<std::uint8_t, 3>, 6> sectors = {
      {{p, t, v}, {p, v, q}, {t, v, p}, {v, q, p}, {v, p, t}, {q, p, v}}};
  std::copy_n(sectors[static_cast<std::size_t>(sector % 6)].begin(), 3, bgr);
}

void shift_hue(std::uint8_t by, const ImageView& image) {
  each_pixel(image, [by](std::uint8_t* pixel) {
    PillowHsv hsv = pillow_hsv_of(pixel);
    hsv.hue = static_cast<std::uint8_t>(hsv.hue + by);
    write_bgr(hsv, pixel);
  });
}

}  // namespace

void jitter(const Jitter& changes, const ImageView& image) {
  for (const std::uint8_t which : changes.order) {
    if (which == 0 && changes.brightness) mix_with(0, *changes.brightness, image);
    if (which == 1 && changes.contrast) mix_with(mean_grey(image), *changes.contrast, image);
    if (which == 2 && changes.saturation) mix_with_grey(*changes.saturation, image);
    if (which == 3 && changes.hue) shift_hue(*changes.hue, image);
  }
}

}  // namespace pinfeed::image
