// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.4.
#include <algorithm>
#include <cmath>

#include "pinfeed/data/transforms/random_resize.h"
#include "pinfeed/data/transforms/resize.h"
#include "pinfeed/data/transforms/resize_to.h"

namespace pinfeed {
namespace {

int drawn_between(int a, int b, RandomContext& random) {
  return static_cast<int>(random.numpy.randint(std::min(a, b), std::max(a, b) + 1));
}

Size drawn_scale(const RandomResize& params, RandomContext& random) {
  if (const auto* ends = std::get_if<std::array<Size, 2>>(&params.scale)) {
    const int width = drawn_between((*ends)[0].width, (*ends)[1].width, random);
    return {width, drawn_between((*ends)[0].height, (*ends)[1].height, random)};
  }
  const Size scale = std::get<Size>(params.scale);
  const auto [low, high] = *params.ratio_range;
  const double ratio = random.numpy.random_sample() * (high - low) + low;
  return {static_cast<int>(scale.width * ratio), static_cast<int>(scale.height * ratio)};
}

void check_ratio(const RandomResize& params) {
  check_interpolation(params.backend, params.interpolation);
  if (!params.ratio_range && std::holds_alternative<Size>(params.scale)) {
    throw Error(ErrorKind::config, "RandomResize with one scale needs the key 'ratio_range'")
        .help("or give two scales to draw between: scale=[(1333, 640), (1333, 800)]");
  }
}

}  // namespace

void describe(Schema<RandomResize>& schema) {
  schema.summary("Resize to a size drawn anew for each sample.")
      .required("scale", &RandomResize::scale,
                "(w, h) that is multiplied by a drawn ratio, or a list of two to draw between")
      .optional("ratio_range", &RandomResize::ratio_range, "smallest and largest ratio")
      .optional("resize_type", &RandomResize::resize_type, "the transform that resizes")
      .optional("keep_ratio", &RandomResize::keep_ratio, "keep the image's ratio of sides")
      .optional("clip_object_border", &RandomResize::clip_object_border, "cut boxes at the border")
      .optional("backend", &RandomResize::backend, "the library whose pixels are reproduced")
      .optional("interpolation", &RandomResize::interpolation, "how pixels are made")
      .check(check_ratio);
}

FieldUse fields(const RandomResize&) { return fields(Resize{}); }

bool apply(const RandomResize& params, Sample& sample, RandomContext& random) {
  return resize_to(drawn_scale(params, random), params, sample, random);
}

Bound bound(const RandomResize& params, const Bound&) {
  if (const auto* ends = std::get_if<std::array<Size, 2>>(&params.scale)) {
    const auto& [one, other] = *ends;
    return bound_inside({std::max(one.width, other.width), std::max(one.height, other.height)},
                        params.keep_ratio);
  }
  const Size scale = std::get<Size>(params.scale);
  const double most = std::max((*params.ratio_range)[0], (*params.ratio_range)[1]);
  return bound_inside({static_cast<int>(std::ceil(scale.width * most)),
                       static_cast<int>(std::ceil(scale.height * most))},
                      params.keep_ratio);
}

}  // namespace pinfeed
