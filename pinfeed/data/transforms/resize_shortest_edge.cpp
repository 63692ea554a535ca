// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/datasets/transforms/transforms.py, ResizeShortestEdge;
// docs/specs/openmmlab-data.md, 4.3.
#include "pinfeed/data/transforms/resize_shortest_edge.h"

#include <algorithm>

#include "pinfeed/data/transforms/resize_to.h"

namespace pinfeed {
namespace {

int shorter_side(const ResizeShortestEdge& params) {
  if (const int* side = std::get_if<int>(&params.scale)) return *side;
  const Size scale = std::get<Size>(params.scale);
  return std::min(scale.width, scale.height);
}

bool is_limited(const ResizeShortestEdge& params) { return params.max_size.value_or(0) != 0; }

// All in double until the end; the order of the products is upstream's.
Size target_size(const ResizeShortestEdge& params, Size image) {
  const double side = shorter_side(params);
  const double scale = side / std::min(image.width, image.height);
  const bool wide = image.height < image.width;
  double height = wide ? side : scale * image.height;
  double width = wide ? scale * image.width : side;
  if (is_limited(params) && std::max(height, width) > *params.max_size) {
    const double reduction = *params.max_size / std::max(height, width);
    height *= reduction;
    width *= reduction;
  }
  return whole_size(width, height);
}

}  // namespace

void describe(Schema<ResizeShortestEdge>& schema) {
  schema.summary("Resizes to a length of the shorter side, with a limit for the longer one.")
      .required("scale", &ResizeShortestEdge::scale,
                "length of the shorter side, pixels; of two numbers the smaller one")
      .optional("max_size", &ResizeShortestEdge::max_size, "largest length of the longer side")
      .include<ResizeByTypeOptions>()
      .meaning("keep_ratio", "fit into the computed size instead of stretching to it");
}

FieldUse fields(const ResizeShortestEdge&) { return fields(Resize{}); }

bool apply(const ResizeShortestEdge& params, Sample& sample, RandomContext&) {
  resize_to(target_size(params, sample.image.size()), params, sample);
  return true;
}

Bound bound(const ResizeShortestEdge& params, const Bound&) {
  if (!is_limited(params)) return std::nullopt;  // a narrow image can become arbitrarily long
  return bound_inside({*params.max_size, std::min(*params.max_size, shorter_side(params))}, true);
}

}  // namespace pinfeed
