// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace pinfeed {

/// In pixels. Configs write sizes as (w, h), shapes are (h, w, c); this type is used between them.
struct Size {
  int width = 0;
  int height = 0;
  bool operator==(const Size&) const = default;
};

/// A window in pixels; it may extend beyond the image that it is cropped from.
struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  bool operator==(const Rect&) const = default;
};

/// Corners in pixels, float32 as upstream keeps them.
struct Box {
  float x1 = 0.0F;
  float y1 = 0.0F;
  float x2 = 0.0F;
  float y2 = 0.0F;
  bool operator==(const Box&) const = default;
};

/// The number without its fraction; the nearest int for a number outside the range of int, and 0
/// for NaN.
int whole_number(double number);
/// The nearest int.
int whole_number(std::int64_t number);

/// "640x480" (width x height).
std::string to_string(Size size);

}  // namespace pinfeed
