// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <variant>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/option_names.h"
#include "pinfeed/data/transforms/resize.h"

namespace pinfeed {

/// Resize so that the shorter side gets a length, the longer one no more than `max_size`.
struct ResizeShortestEdge {
  static constexpr auto name = "ResizeShortestEdge";

  std::variant<int, Size> scale = 0;  // of two numbers the smaller one counts
  std::optional<int> max_size = {};   // 0 is no limit either, as upstream has it
  ResizeType resize_type = ResizeType::Resize;
  bool keep_ratio = false;
  bool clip_object_border = true;
  image::Library backend = image::Library::opencv;
  image::Interpolation interpolation = image::Interpolation::bilinear;
};
void describe(Schema<ResizeShortestEdge>& schema);
FieldUse fields(const ResizeShortestEdge& params);
bool apply(const ResizeShortestEdge& params, Sample& sample, RandomContext& random);
Bound bound(const ResizeShortestEdge& params, const Bound& images);

}  // namespace pinfeed
