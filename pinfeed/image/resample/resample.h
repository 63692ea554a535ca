// SPDX-License-Identifier: Apache-2.0
// The arithmetic of resizing one axis (docs/specs/openmmlab-data.md, 4.3).
#pragma once

#include <cstdint>
#include <vector>

namespace pinfeed::image {

/// What one output position is mixed from: (1 - share) of `first` and `share` of `second`.
struct Tap {
  int first = 0;
  int second = 0;
  float share = 0.0F;

  /// Weights of the uint8 rule, in 1/2048.
  std::int16_t first_weight() const;
  std::int16_t second_weight() const;
};

/// A stretch of one axis: output positions begin .. begin + count - 1 of `to`, made from `from`.
struct Axis {
  int from = 0;
  int to = 0;
  int begin = 0;
  int count = 0;
};

/// At the ends of an axis both rules read inside the image; a row keeps its share there, which
/// matters because the uint8 rule rounds the two parts one by one.
void bilinear_columns(const Axis& axis, std::vector<Tap>& taps);
void bilinear_rows(const Axis& axis, std::vector<Tap>& taps);
/// The input position of each output position.
void nearest_positions(const Axis& axis, std::vector<int>& positions);

}  // namespace pinfeed::image
