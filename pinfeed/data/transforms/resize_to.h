// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/transforms.h"

namespace pinfeed {

/// Of pictures resized to `scale`, or with `keep_ratio` inside it, either way round.
Bound bound_inside(Size scale, bool keep_ratio);

/// Resizes as the transform that `params` names, with the keys that `params` has for it.
template <class Params>
bool resize_to(Size scale, const Params& params, Sample& sample, Draw& draw) {
  const Resize resize{.scale = scale,
                      .scale_factor = {},
                      .keep_ratio = params.keep_ratio,
                      .clip_object_border = params.clip_object_border,
                      .backend = params.backend,
                      .interpolation = params.interpolation};
  if (params.resize_type == ResizeType::Resize) return apply(resize, sample, draw);
  return apply(FixScaleResize{resize}, sample, draw);
}

}  // namespace pinfeed
