// SPDX-License-Identifier: Apache-2.0
// Checks of the arguments of the functions in image_expr.h. They are made in every build: a wrong
// size that reaches the renderer writes outside its memory.
#pragma once

#include <optional>
#include <string_view>

#include "pinfeed/core/geometry.h"

namespace pinfeed::image {

/// Whether both sides are at least 1.
bool has_pixels(Size size);
/// Whether the rectangle lies inside an image of this size. Its sum may exceed an int.
bool is_within(Rect rect, Size size);
/// The part of a window that lies inside an image of this size; empty where none does. The window
/// may have any numbers.
Rect common_part(Rect window, Size size);

/// Throws Error(bug) unless the rule `holds` for the arguments of `function`; `rect` and `size` are
/// the values that break it.
void expect(bool holds, std::string_view function, std::string_view rule,
            std::optional<Rect> rect = {}, std::optional<Size> size = {});

/// Throws Error(data) where a step of an image of size `before` would leave no pixel, or make more
/// than max_step_pixels and more than there were.
void check_growth(Size before, Size after);

}  // namespace pinfeed::image
