// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/synthetic/shape_background.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace pinfeed {
namespace {

using image::Color;

std::uint8_t as_byte(double value) {
  return static_cast<std::uint8_t>(std::lrint(std::clamp(value, 0.0, 255.0)));
}

// Random values on a coarse grid with bilinear interpolation: a smooth texture from -1 to 1.
class SmoothNoise {
 public:
  SmoothNoise(int cells, NumpyRandom& random) : cells_(cells) {
    for (int i = 0; i < (cells + 1) * (cells + 1); ++i)
      values_.push_back(random.uniform(-1.0, 1.0));
  }
  // x and y are at least 0 and below 1.
  double at(double x, double y) const {
    const int column = static_cast<int>(x * cells_);
    const int row = static_cast<int>(y * cells_);
    const double a = x * cells_ - column;
    const double b = y * cells_ - row;
    return (value(column, row) * (1 - a) + value(column + 1, row) * a) * (1 - b) +
           (value(column, row + 1) * (1 - a) + value(column + 1, row + 1) * a) * b;
  }

 private:
  double value(int column, int row) const {
    return values_[static_cast<std::size_t>(row * (cells_ + 1) + column)];
  }
  int cells_;
  std::vector<double> values_;
};

Color random_color(NumpyRandom& random) {
  const auto channel = [&random] { return static_cast<std::uint8_t>(random.randint(0, 256)); };
  const std::uint8_t blue = channel();
  const std::uint8_t green = channel();
  return {blue, green, channel()};
}

// Converts HSV to BGR.
Color from_hsv(double hue, double saturation, double brightness) {
  const auto channel = [=](double channel_hue) {
    const double difference =
        std::abs(hue - channel_hue - std::round(hue - channel_hue));  // on the circle
    const double pure = std::clamp(2.0 - 6.0 * difference, 0.0, 1.0);
    return as_byte(255.0 * brightness * (1.0 - saturation * (1.0 - pure)));
  };
  return {channel(2.0 / 3.0), channel(1.0 / 3.0), channel(0.0)};
}

Color random_color(Hues hues, NumpyRandom& random) {
  const double hue = hues.centre + hues.spread * random.uniform(-0.5, 0.5);
  const double saturation = random.uniform(0.35, 1.0);
  return from_hsv(hue, saturation, random.uniform(0.35, 1.0));
}

double distance(Color a, Color b) {
  return std::hypot(a.blue - b.blue, a.green - b.green, a.red - b.red);
}

}  // namespace

Background random_background(NumpyRandom& random) {
  const Color color = random_color(random);
  return {color, random_color(random)};
}

Color contrasting_color(const Background& background, Hues hues, NumpyRandom& random) {
  Color best = random_color(hues, random);
  for (int i = 0; i < 8; ++i) {
    const auto contrast = [&](Color c) {
      return std::min(distance(c, background.color), distance(c, background.tint));
    };
    if (contrast(best) >= 110.0) break;
    const Color other = random_color(hues, random);
    if (contrast(other) > contrast(best)) best = other;
  }
  return best;
}

void paint_background(const image::ImageView& view, const Background& background,
                      NumpyRandom& random) {
  const SmoothNoise large(3, random);
  const SmoothNoise small(11, random);
  const auto mixed = [](std::uint8_t a, std::uint8_t b, double share) {
    return as_byte(a + (b - a) * share);
  };
  for (int y = 0; y < view.height; ++y) {
    auto* pixel = reinterpret_cast<std::uint8_t*>(view.row(y));
    for (int x = 0; x < view.width; ++x, pixel += 3) {
      const double across = static_cast<double>(x) / view.width;
      const double down = static_cast<double>(y) / view.height;
      const double share = 0.5 + 0.35 * large.at(across, down) + 0.15 * small.at(across, down);
      pixel[0] = mixed(background.color.blue, background.tint.blue, share);
      pixel[1] = mixed(background.color.green, background.tint.green, share);
      pixel[2] = mixed(background.color.red, background.tint.red, share);
    }
  }
}

void add_grain(const image::ImageView& view, double strength, NumpyRandom& random) {
  for (int y = 0; y < view.height; ++y) {
    auto* value = reinterpret_cast<std::uint8_t*>(view.row(y));
    for (int i = 0; i < view.width * 3; ++i)
      value[i] = as_byte(value[i] + random.uniform(-strength, strength));
  }
}

}  // namespace pinfeed
