// SPDX-License-Identifier: Apache-2.0
// The arithmetic of resizing one axis (docs/specs/openmmlab-data.md, 4.3).
#pragma once

#include <cstdint>
#include <vector>

namespace pinfeed::image {

/// One output position is (1 - share) x input[first] + share x input[second].
struct Tap {
  int first = 0;
  int second = 0;
  float share = 0.0F;

  /// The weights of the uint8 rule, in 1/2048.
  std::int16_t first_weight() const;
  std::int16_t second_weight() const;
};

/// Output positions begin .. begin + count - 1 of an axis that is resized from `from` to `to`
/// positions.
struct Axis {
  int from = 0;
  int to = 0;
  int begin = 0;
  int count = 0;
};

/// The taps of a bilinear resize. Both functions keep taps inside the image. At the borders a
/// column gets share 0, but a row keeps its share, which matters because the uint8 rule rounds the
/// two products separately.
void bilinear_columns(const Axis& axis, std::vector<Tap>& taps);
void bilinear_rows(const Axis& axis, std::vector<Tap>& taps);
/// The input position of each output position of a nearest resize.
void nearest_positions(const Axis& axis, std::vector<int>& positions);

}  // namespace pinfeed::image
