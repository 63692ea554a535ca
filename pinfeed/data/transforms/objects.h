// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "pinfeed/data/sample.h"

namespace pinfeed {

/// Clips the boxes to an image of this size if `clip` is set, and removes the objects whose boxes
/// lie outside it.
void keep_inside(Sample& sample, Size image, bool clip);

/// Appends the labels and ignore flags of `from`, with `boxes`, one for each object.
void add_objects(Sample& to, const Sample& from, std::span<const Box> boxes);

/// Throws Error(data) when the sample has masks, for a step that does not support them.
void refuse_masks(const Sample& sample, std::string_view step);

/// The values converted to the dtype of `image` as numpy assigns them: fractions are cut off for
/// uint8, and clamped to 0 to 255.
std::array<double, 3> fill_for(std::array<double, 3> values, const image::ImageExpr& image);

/// Throws Error(config) for more than a million windows in an image. `key` is named in the message.
void check_count(int count, std::string_view key);

/// Throws Error(config) unless the number has no fraction. `key` is named in the message.
void check_integral(double number, std::string_view key);

}  // namespace pinfeed
