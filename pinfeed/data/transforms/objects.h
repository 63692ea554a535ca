// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "pinfeed/data/sample.h"

namespace pinfeed {

/// Cuts the boxes at the border of an image of this size where `clip`, and keeps the objects whose
/// boxes lie inside it.
void keep_inside(Sample& sample, Size image, bool clip);

/// Adds the labels and ignore flags of `from`, and these boxes, one for each.
void add_objects(Sample& to, const Sample& from, std::span<const Box> boxes);

/// Throws Error(data) when the sample has masks: the step cannot move them.
void refuse_masks(const Sample& sample, std::string_view step);

/// The value as an image of this dtype holds it: numpy cuts off fractions of uint8.
std::array<double, 3> stored_by_numpy(std::array<double, 3> values, const image::ImageExpr& image);

/// What both check of their keys.
void check_whole(double pad_val, const char* step);

}  // namespace pinfeed
