// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.4.
#include "pinfeed/data/transforms/random_resize.h"

#include <algorithm>
#include <cmath>

#include "pinfeed/data/transforms/resize_to.h"

namespace pinfeed {
namespace {

int random_between(int a, int b, RandomContext& random) {
  return static_cast<int>(random.numpy.randint(std::min(a, b), std::int64_t{std::max(a, b)} + 1));
}

Size random_scale(const RandomResize& params, RandomContext& random) {
  if (const auto* ends = std::get_if<std::array<Size, 2>>(&params.scale)) {
    const int width = random_between((*ends)[0].width, (*ends)[1].width, random);
    return {width, random_between((*ends)[0].height, (*ends)[1].height, random)};
  }
  const Size scale = std::get<Size>(params.scale);
  const auto [low, high] = *params.ratio_range;
  const double ratio = random.numpy.random_sample() * (high - low) + low;
  return {whole_number(scale.width * ratio), whole_number(scale.height * ratio)};
}

void check_ratio(const RandomResize& params) {
  if (!params.ratio_range && std::holds_alternative<Size>(params.scale)) {
    throw Error(ErrorKind::config, "RandomResize with one scale needs the key 'ratio_range'")
        .help("or give two scales to sample between: scale=[(1333, 640), (1333, 800)]");
  }
}

}  // namespace

void describe(Schema<RandomResize>& schema) {
  schema.summary("Resizes to a size sampled anew for each image.")
      .required("scale", &RandomResize::scale,
                "(w, h) to multiply by a random ratio, or a list of two to sample between")
      .optional("ratio_range", &RandomResize::ratio_range, "smallest and largest ratio")
      .include<ResizeByTypeOptions>()
      .check(check_ratio);
}

FieldUse fields(const RandomResize&) { return fields(Resize{}); }

bool apply(const RandomResize& params, Sample& sample, RandomContext& random) {
  resize_to(random_scale(params, random), params, sample);
  return true;
}

Bound bound(const RandomResize& params, const Bound&) {
  if (const auto* ends = std::get_if<std::array<Size, 2>>(&params.scale)) {
    const auto& [one, other] = *ends;
    return bound_inside({std::max(one.width, other.width), std::max(one.height, other.height)},
                        params.keep_ratio);
  }
  const Size scale = std::get<Size>(params.scale);
  const double largest = std::max((*params.ratio_range)[0], (*params.ratio_range)[1]);
  return bound_inside({whole_number(std::ceil(scale.width * largest)),
                       whole_number(std::ceil(scale.height * largest))},
                      params.keep_ratio);
}

}  // namespace pinfeed
