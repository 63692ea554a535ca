// SPDX-License-Identifier: Apache-2.0
// Random chains of steps, as an expression and run one by one.
#pragma once

#include <fmt/format.h>

#include <array>
#include <string>

#include "pinfeed/image/resample/warp.h"
#include "tests/image/eager.h"

namespace pinfeed::image {

// The same image as an expression and as the result of running its steps one by one.
struct ImagePair {
  ImageExpr planned;
  Image eager;
  std::string steps;
};

class TestRandom {
 public:
  explicit TestRandom(std::uint64_t seed) : generator_(seed) {}
  /// From low to high, inclusive.
  int whole(int low, int high) {
    return low + static_cast<int>(generator_.next() % static_cast<std::uint32_t>(high - low + 1));
  }
  double real(double low, double high) {
    return low + (high - low) * Bits(generator_).next_double();
  }

 private:
  Mt19937 generator_;
};

inline Size size_near(Size size, TestRandom& random) {
  switch (random.whole(0, 6)) {
    case 0: return {std::max(1, size.width / 2), std::max(1, size.height / 2)};
    case 1: return {size.width * 2, size.height * 2};
    case 2: return {size.width, random.whole(1, 90)};
    case 3: return {random.whole(1, 90), size.height};
    default: return {random.whole(1, 110), random.whole(1, 90)};
  }
}

inline void resize(ImagePair& pair, TestRandom& random) {
  const Size size = size_near(pair.eager.size(), random);
  const auto interpolation =
      random.whole(0, 3) == 0 ? Interpolation::nearest : Interpolation::bilinear;
  pair.planned = resized(pair.planned, size, interpolation);
  pair.eager = eager::resized(pair.eager, size, interpolation);
  pair.steps += fmt::format(" resize {} {}", to_string(size), static_cast<int>(interpolation));
}

inline void crop(ImagePair& pair, TestRandom& random) {
  const Size size = pair.eager.size();
  const int x = random.whole(0, size.width - 1);
  const int y = random.whole(0, size.height - 1);
  const Rect window = {x, y, random.whole(1, size.width - x), random.whole(1, size.height - y)};
  pair.planned = cropped(pair.planned, window);
  pair.eager = eager::cropped(pair.eager, window);
  pair.steps += fmt::format(" crop {} {} {} {}", x, y, window.width, window.height);
}

inline void flip(ImagePair& pair, TestRandom& random) {
  const auto direction = static_cast<FlipDirection>(random.whole(0, 2));
  pair.planned = flipped(pair.planned, direction);
  pair.eager = eager::flipped(pair.eager, direction);
  pair.steps += fmt::format(" flip {}", static_cast<int>(direction));
}

inline void pad(ImagePair& pair, TestRandom& random) {
  const Size size = {pair.eager.width() + random.whole(0, 20),
                     pair.eager.height() + random.whole(0, 20)};
  const std::array fill = {random.real(-20, 300), random.real(0, 255), 114.5};
  const int x = random.whole(0, 1) * random.whole(0, size.width - pair.eager.width());
  const int y = random.whole(0, 1) * random.whole(0, size.height - pair.eager.height());
  pair.planned = placed(pair.planned, size, x, y, fill);
  pair.eager = eager::placed(pair.eager, size, x, y, fill);
  pair.steps += fmt::format(" place {} at {} {} {}", to_string(size), x, y, fill[0]);
}

inline void extend(ImagePair& pair, TestRandom& random) {
  const Size size = {pair.eager.width() + random.whole(0, 30),
                     pair.eager.height() + random.whole(0, 30)};
  const auto border = static_cast<Border>(random.whole(0, 2));
  pair.planned = extended(pair.planned, size, border);
  pair.eager = eager::extended(pair.eager, size, border);
  pair.steps += fmt::format(" extend {} {}", to_string(size), static_cast<int>(border));
}

inline void erase(ImagePair& pair, TestRandom& random) {
  const Rect window = {random.whole(-9, pair.eager.width()), random.whole(-9, pair.eager.height()),
                       random.whole(0, 40), random.whole(0, 40)};
  const std::array fill = {7.0, 200.0, 90.0};
  pair.planned = erased(pair.planned, window, fill);
  pair.eager = eager::erased(pair.eager, window, fill);
  pair.steps += fmt::format(" erase {} {} {} {}", window.x, window.y, window.width, window.height);
}

// Shrinks or enlarges; affine in half of the cases.
inline void warp_perspective(ImagePair& pair, TestRandom& random) {
  const double zoom = random.real(0.2, 2.5);
  const bool affine = random.whole(0, 1) == 1;
  const std::array<double, 9> matrix = {zoom * random.real(0.5, 1.5),
                                        zoom * random.real(-0.5, 0.5),
                                        random.real(-40, 20),
                                        zoom * random.real(-0.5, 0.5),
                                        zoom * random.real(0.5, 1.5),
                                        random.real(-40, 20),
                                        affine ? 0.0 : random.real(-0.004, 0.0005),
                                        0.0,
                                        1.0};
  const Size size = {random.whole(1, 150), random.whole(1, 90)};
  pair.planned = warped(pair.planned, matrix, size, {114, 3, 200});
  pair.eager = eager::warped(pair.eager, inverted(matrix), size, {114, 3, 200});
  pair.steps += fmt::format(" warp x{} to {}", zoom, to_string(size));
}

// Mixes the image with itself, flipped.
inline void blend(ImagePair& pair) {
  if (pair.planned.dtype() != DType::uint8) return;
  pair.planned = blended(pair.planned, flipped(pair.planned, FlipDirection::diagonal));
  pair.eager = eager::blended(pair.eager, eager::flipped(pair.eager, FlipDirection::diagonal));
  pair.steps += " blend";
}

// The image and a window of it on one canvas.
inline void compose(ImagePair& pair, TestRandom& random) {
  const Size size = pair.eager.size();
  const Rect window = {0, 0, random.whole(1, size.width), random.whole(1, size.height)};
  const Size canvas = {size.width + random.whole(0, 9), size.height + window.height};
  const Image part = eager::cropped(pair.eager, window);
  const std::array<Piece, 2> pieces = {{{pair.planned, canvas.width - size.width, 0},
                                        {cropped(pair.planned, window), 0, size.height}}};
  const Image upper = eager::placed(pair.eager, canvas, canvas.width - size.width, 0, {1, 2, 3});
  pair.planned = composed(canvas, {1, 2, 3}, pieces);
  pair.eager = eager::made_like(upper, canvas, [&](int y, int x, int c) {
    const bool inside = y >= size.height && x < window.width;
    return inside ? eager::value(part, y - size.height, x, c) : eager::value(upper, y, x, c);
  });
  pair.steps += fmt::format(" compose {}", to_string(canvas));
}

// A canvas of which the next steps read a part.
inline void compose_and_warp(ImagePair& pair, TestRandom& random) {
  if (pair.eager.height() < 200) compose(pair, random);
  if (random.whole(0, 2) == 0) crop(pair, random);
  warp_perspective(pair, random);
}

inline void normalize(ImagePair& pair, TestRandom& random) {
  Normalization rule{
      {123.675F, 116.28F, 103.53F}, {58.395F, 57.12F, 57.375F}, random.whole(0, 1) == 1};
  if (random.whole(0, 1) == 1) rule.std = {1.0F, 0.3F, 255.0F};
  if (random.whole(0, 4) == 0) rule.std[1] = 3e36F;
  pair.planned = normalized(pair.planned, rule);
  pair.eager = eager::normalized(pair.eager, rule);
  pair.steps += fmt::format(" normalize {}", rule.to_rgb);
}

inline void make_float(ImagePair& pair) {
  pair.planned = as_float(pair.planned);
  pair.eager = eager::as_float(pair.eager);
  pair.steps += " float";
}

inline void add_step(ImagePair& pair, TestRandom& random) {
  switch (random.whole(0, 17)) {
    case 0:
    case 1:
    case 2: return resize(pair, random);
    case 3:
    case 4:
    case 5: return crop(pair, random);
    case 6:
    case 7: return flip(pair, random);
    case 8:
    case 9: return pad(pair, random);
    case 10: return make_float(pair);
    case 11: return erase(pair, random);
    case 12: return warp_perspective(pair, random);
    case 13: return blend(pair);
    case 14: return pair.eager.height() < 200 ? compose(pair, random) : flip(pair, random);
    case 15: return compose_and_warp(pair, random);
    case 16: return extend(pair, random);
    default: return normalize(pair, random);
  }
}

}  // namespace pinfeed::image
