// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <variant>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/transforms/resize_options.h"

namespace pinfeed {

/// Resizes so that the shorter side gets a length and the longer side at most `max_size`.
struct ResizeShortestEdge : ResizeByTypeOptions {
  static constexpr auto name = "ResizeShortestEdge";

  std::variant<int, Size> scale = 0;  // pixels; of two numbers the smaller one
  std::optional<int> max_size = {};   // pixels; 0 is no limit, as upstream
};
void describe(Schema<ResizeShortestEdge>& schema);
FieldUse fields(const ResizeShortestEdge& params);
bool apply(const ResizeShortestEdge& params, Sample& sample, RandomContext& random);
Bound bound(const ResizeShortestEdge& params, const Bound& images);

}  // namespace pinfeed
