// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace pinfeed {

/// Pixels. Configs write sizes as (w, h), shapes are (h, w, c): this is where they meet.
struct Size {
  int width = 0;
  int height = 0;
  bool operator==(const Size&) const = default;
};

/// A window in pixels; x and y may lie outside the image it is cut from.
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

/// "640x480" (width x height).
std::string to_string(Size size);

}  // namespace pinfeed
