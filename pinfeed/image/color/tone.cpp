// SPDX-License-Identifier: Apache-2.0
// Source of the rule: docs/specs/openmmlab-data.md, 4.9.
#include "pinfeed/image/color/tone.h"

#include <algorithm>

namespace pinfeed::image {
namespace {

template <class T>
void convert(const T* from, int width, int channels, const Normalization* rule, float* to) {
  const std::ptrdiff_t values = static_cast<std::ptrdiff_t>(width) * channels;
  if (rule == nullptr) {
    std::transform(from, from + values, to, [](T value) { return static_cast<float>(value); });
    return;
  }
  for (int x = 0; x < width; ++x, from += channels, to += channels) {
    std::array<float, 4> pixel = {};
    std::transform(from, from + channels, pixel.begin(),
                   [](T value) { return static_cast<float>(value); });
    pixel = normalized_value(pixel, *rule, channels);
    std::copy_n(pixel.begin(), channels, to);
  }
}

}  // namespace

std::array<float, 4> normalized_value(std::array<float, 4> pixel, const Normalization& rule,
                                      int channels) {
  if (rule.to_rgb && channels >= 3) std::swap(pixel[0], pixel[2]);
  for (std::size_t c = 0; c < rule.mean.size(); ++c) {
    const float centred = pixel[c] - rule.mean[c];
    pixel[c] =
        static_cast<float>(static_cast<double>(centred) * (1.0 / static_cast<double>(rule.std[c])));
  }
  return pixel;
}

void to_float_row(const std::byte* from, DType dtype, int width, int channels,
                  const Normalization* rule, float* to) {
  if (dtype == DType::uint8) {
    convert(reinterpret_cast<const std::uint8_t*>(from), width, channels, rule, to);
  } else {
    convert(reinterpret_cast<const float*>(from), width, channels, rule, to);
  }
}

}  // namespace pinfeed::image
