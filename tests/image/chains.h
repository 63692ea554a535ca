// SPDX-License-Identifier: Apache-2.0
// Random steps, planned and done one by one.
#pragma once

#include <fmt/format.h>

#include <array>
#include <string>

#include "pinfeed/image/resample/warp.h"
#include "tests/image/eager.h"

namespace pinfeed::image {

// An image and what its steps give one by one.
struct Both {
  ImageExpr planned;
  Image eager;
  std::string story;
};

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : generator_(seed) {}
  /// From low to high, both included.
  int whole(int low, int high) {
    return low + static_cast<int>(generator_.next() % static_cast<std::uint32_t>(high - low + 1));
  }
  double real(double low, double high) {
    return low + (high - low) * Bits(generator_).next_double();
  }

 private:
  Mt19937 generator_;
};

inline Size size_near(Size size, Chance& chance) {
  switch (chance.whole(0, 6)) {
    case 0: return {std::max(1, size.width / 2), std::max(1, size.height / 2)};
    case 1: return {size.width * 2, size.height * 2};
    case 2: return {size.width, chance.whole(1, 90)};
    case 3: return {chance.whole(1, 90), size.height};
    default: return {chance.whole(1, 110), chance.whole(1, 90)};
  }
}

inline void resize(Both& both, Chance& chance) {
  const Size size = size_near(both.eager.size(), chance);
  const auto interpolation =
      chance.whole(0, 3) == 0 ? Interpolation::nearest : Interpolation::bilinear;
  both.planned = resized(both.planned, size, interpolation);
  both.eager = eager::resized(both.eager, size, interpolation);
  both.story += fmt::format(" resize {} {}", to_string(size), static_cast<int>(interpolation));
}

inline void crop(Both& both, Chance& chance) {
  const Size size = both.eager.size();
  const int x = chance.whole(0, size.width - 1);
  const int y = chance.whole(0, size.height - 1);
  const Rect window = {x, y, chance.whole(1, size.width - x), chance.whole(1, size.height - y)};
  both.planned = cropped(both.planned, window);
  both.eager = eager::cropped(both.eager, window);
  both.story += fmt::format(" crop {} {} {} {}", x, y, window.width, window.height);
}

inline void flip(Both& both, Chance& chance) {
  const auto direction = static_cast<FlipDirection>(chance.whole(0, 2));
  both.planned = flipped(both.planned, direction);
  both.eager = eager::flipped(both.eager, direction);
  both.story += fmt::format(" flip {}", static_cast<int>(direction));
}

inline void pad(Both& both, Chance& chance) {
  const Size size = {both.eager.width() + chance.whole(0, 20),
                     both.eager.height() + chance.whole(0, 20)};
  const std::array fill = {chance.real(-20, 300), chance.real(0, 255), 114.5};
  const int x = chance.whole(0, 1) * chance.whole(0, size.width - both.eager.width());
  const int y = chance.whole(0, 1) * chance.whole(0, size.height - both.eager.height());
  both.planned = placed(both.planned, size, x, y, fill);
  both.eager = eager::placed(both.eager, size, x, y, fill);
  both.story += fmt::format(" place {} at {} {} {}", to_string(size), x, y, fill[0]);
}

inline void extend(Both& both, Chance& chance) {
  const Size size = {both.eager.width() + chance.whole(0, 30),
                     both.eager.height() + chance.whole(0, 30)};
  const auto border = static_cast<Border>(chance.whole(0, 2));
  both.planned = extended(both.planned, size, border);
  both.eager = eager::extended(both.eager, size, border);
  both.story += fmt::format(" extend {} {}", to_string(size), static_cast<int>(border));
}

inline void erase(Both& both, Chance& chance) {
  const Rect window = {chance.whole(-9, both.eager.width()), chance.whole(-9, both.eager.height()),
                       chance.whole(0, 40), chance.whole(0, 40)};
  const std::array fill = {7.0, 200.0, 90.0};
  both.planned = erased(both.planned, window, fill);
  both.eager = eager::erased(both.eager, window, fill);
  both.story += fmt::format(" erase {} {} {} {}", window.x, window.y, window.width, window.height);
}

// Near and far, and in half of the cases without a vanishing point.
inline void look_through(Both& both, Chance& chance) {
  const double zoom = chance.real(0.2, 2.5);
  const bool straight = chance.whole(0, 1) == 1;
  const std::array<double, 9> matrix = {zoom * chance.real(0.5, 1.5),
                                        zoom * chance.real(-0.5, 0.5),
                                        chance.real(-40, 20),
                                        zoom * chance.real(-0.5, 0.5),
                                        zoom * chance.real(0.5, 1.5),
                                        chance.real(-40, 20),
                                        straight ? 0.0 : chance.real(-0.004, 0.0005),
                                        0.0,
                                        1.0};
  const Size size = {chance.whole(1, 150), chance.whole(1, 90)};
  both.planned = warped(both.planned, matrix, size, {114, 3, 200});
  both.eager = eager::warped(both.eager, inverted(matrix), size, {114, 3, 200});
  both.story += fmt::format(" warp x{} to {}", zoom, to_string(size));
}

// Mixes the image with itself, flipped.
inline void blend(Both& both) {
  if (both.planned.dtype() != DType::uint8) return;
  both.planned = blended(both.planned, flipped(both.planned, FlipDirection::diagonal));
  both.eager = eager::blended(both.eager, eager::flipped(both.eager, FlipDirection::diagonal));
  both.story += " blend";
}

// The image and a window of it on one canvas.
inline void compose(Both& both, Chance& chance) {
  const Size size = both.eager.size();
  const Rect window = {0, 0, chance.whole(1, size.width), chance.whole(1, size.height)};
  const Size canvas = {size.width + chance.whole(0, 9), size.height + window.height};
  const Image part = eager::cropped(both.eager, window);
  const std::array<Piece, 2> pieces = {{{both.planned, canvas.width - size.width, 0},
                                        {cropped(both.planned, window), 0, size.height}}};
  const Image upper = eager::placed(both.eager, canvas, canvas.width - size.width, 0, {1, 2, 3});
  both.planned = composed(canvas, {1, 2, 3}, pieces);
  both.eager = eager::made_like(upper, canvas, [&](int y, int x, int c) {
    const bool inside = y >= size.height && x < window.width;
    return inside ? eager::value(part, y - size.height, x, c) : eager::value(upper, y, x, c);
  });
  both.story += fmt::format(" compose {}", to_string(canvas));
}

// Of the canvas only a part is needed.
inline void compose_and_look(Both& both, Chance& chance) {
  if (both.eager.height() < 200) compose(both, chance);
  if (chance.whole(0, 2) == 0) crop(both, chance);
  look_through(both, chance);
}

inline void normalize(Both& both, Chance& chance) {
  Normalization rule{
      {123.675F, 116.28F, 103.53F}, {58.395F, 57.12F, 57.375F}, chance.whole(0, 1) == 1};
  if (chance.whole(0, 1) == 1) rule.std = {1.0F, 0.3F, 255.0F};
  if (chance.whole(0, 4) == 0) rule.std[1] = 3e36F;
  both.planned = normalized(both.planned, rule);
  both.eager = eager::normalized(both.eager, rule);
  both.story += fmt::format(" normalize {}", rule.to_rgb);
}

inline void make_float(Both& both) {
  both.planned = as_float(both.planned);
  both.eager = eager::as_float(both.eager);
  both.story += " float";
}

inline void add_step(Both& both, Chance& chance) {
  switch (chance.whole(0, 17)) {
    case 0:
    case 1:
    case 2: return resize(both, chance);
    case 3:
    case 4:
    case 5: return crop(both, chance);
    case 6:
    case 7: return flip(both, chance);
    case 8:
    case 9: return pad(both, chance);
    case 10: return make_float(both);
    case 11: return erase(both, chance);
    case 12: return look_through(both, chance);
    case 13: return blend(both);
    case 14: return both.eager.height() < 200 ? compose(both, chance) : flip(both, chance);
    case 15: return compose_and_look(both, chance);
    case 16: return extend(both, chance);
    default: return normalize(both, chance);
  }
}

}  // namespace pinfeed::image
