// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/datasets/transforms/transforms.py, ResizeShortestEdge;
// docs/specs/openmmlab-data.md, 4.3.
#include <algorithm>

#include "pinfeed/data/transforms/resize.h"
#include "pinfeed/data/transforms/resize_shortest_edge.h"
#include "pinfeed/data/transforms/resize_to.h"

namespace pinfeed {
namespace {

int shorter_side(const ResizeShortestEdge& params) {
  if (const int* side = std::get_if<int>(&params.scale)) return *side;
  const Size scale = std::get<Size>(params.scale);
  return std::min(scale.width, scale.height);
}

bool is_limited(const ResizeShortestEdge& params) { return params.max_size.value_or(0) != 0; }

// In doubles until the end; the order of the products is upstream's.
Size target(const ResizeShortestEdge& params, Size image) {
  const double side = shorter_side(params);
  const double scale = side / std::min(image.width, image.height);
  const bool wide = image.height < image.width;
  double height = wide ? side : scale * image.height;
  double width = wide ? scale * image.width : side;
  if (is_limited(params) && std::max(height, width) > *params.max_size) {
    const double less = *params.max_size / std::max(height, width);
    height *= less;
    width *= less;
  }
  return whole_size(width, height);
}

}  // namespace

void describe(Schema<ResizeShortestEdge>& schema) {
  schema
      .summary("Resizes so that the shorter side gets a length and the longer one stays below one.")
      .required("scale", &ResizeShortestEdge::scale,
                "length of the shorter side, pixels; of two numbers the smaller one")
      .optional("max_size", &ResizeShortestEdge::max_size, "the most that the longer side gets")
      .optional("resize_type", &ResizeShortestEdge::resize_type, "the transform that resizes")
      .optional("keep_ratio", &ResizeShortestEdge::keep_ratio,
                "stay inside the computed size instead of taking it exactly")
      .optional("clip_object_border", &ResizeShortestEdge::clip_object_border,
                "cut boxes at the border")
      .optional("backend", &ResizeShortestEdge::backend, "the library whose pixels are reproduced")
      .optional("interpolation", &ResizeShortestEdge::interpolation, "how pixels are made")
      .check([](const ResizeShortestEdge& params) {
        check_interpolation(params.backend, params.interpolation);
      });
}

FieldUse fields(const ResizeShortestEdge&) { return fields(Resize{}); }

bool apply(const ResizeShortestEdge& params, Sample& sample, RandomContext& random) {
  return resize_to(target(params, sample.image.size()), params, sample, random);
}

Bound bound(const ResizeShortestEdge& params, const Bound&) {
  if (!is_limited(params)) return std::nullopt;  // an image may be as narrow as it likes
  return bound_inside({*params.max_size, std::min(*params.max_size, shorter_side(params))}, true);
}

}  // namespace pinfeed
