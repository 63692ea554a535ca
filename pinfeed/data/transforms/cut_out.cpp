// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.15; mmdet/datasets/transforms/transforms.py,
// CutOut.
#include "pinfeed/data/transforms/cut_out.h"

#include <algorithm>

#include "pinfeed/data/transforms/objects.h"

namespace pinfeed {
namespace {

std::array<int, 2> range_of(const std::variant<int, std::array<int, 2>>& count) {
  if (const int* one = std::get_if<int>(&count)) return {*one, *one};
  return std::get<std::array<int, 2>>(count);
}

template <class T>
std::vector<T> listed(const std::variant<T, std::vector<T>>& candidates) {
  if (const T* one = std::get_if<T>(&candidates)) return {*one};
  return std::get<std::vector<T>>(candidates);
}

std::int64_t candidates(const CutOut& params) {
  return params.cutout_ratio ? std::ssize(listed(*params.cutout_ratio))
                             : std::ssize(listed(*params.cutout_shape));
}

Size hole_size(const CutOut& params, std::size_t candidate, Size image) {
  if (!params.cutout_ratio) return listed(*params.cutout_shape)[candidate];
  const auto [width_ratio, height_ratio] = listed(*params.cutout_ratio)[candidate];
  return {whole_number(width_ratio * image.width), whole_number(height_ratio * image.height)};
}

void check(const CutOut& params) {
  if (params.cutout_shape.has_value() == params.cutout_ratio.has_value()) {
    throw Error(ErrorKind::config, "CutOut needs one of 'cutout_shape' and 'cutout_ratio'");
  }
  if (candidates(params) == 0) {
    throw Error(ErrorKind::config, "cutout_shape and cutout_ratio must hold at least one size");
  }
  const auto [fewest, most] = range_of(params.n_holes);
  const bool range = std::holds_alternative<std::array<int, 2>>(params.n_holes);
  if (fewest < 0 || (range && fewest >= most)) {
    throw Error(ErrorKind::config, "n_holes must be at least 0, or (min, max) with min < max");
  }
  check_count(most, "n_holes");
}

}  // namespace

void describe(Schema<CutOut>& schema) {
  schema.summary("Fills random windows of the image with one colour.")
      .required("n_holes", &CutOut::n_holes, "number of windows, or (min, max)")
      .optional("cutout_shape", &CutOut::cutout_shape,
                "(w, h) of a window, or a list to choose from, pixels")
      .optional("cutout_ratio", &CutOut::cutout_ratio,
                "(w, h) of a window, or a list to choose from, as fractions of the image")
      .optional("fill_in", &CutOut::fill_in, "the colour, in the order of the channels")
      .check(check);
}

FieldUse fields(const CutOut&) { return {.needs = Field::image, .updates = Field::image}; }

bool apply(const CutOut& params, Sample& sample, RandomContext& random) {
  const Size image = sample.image.size();
  const auto [fewest, most] = range_of(params.n_holes);
  const std::int64_t count = random.numpy.randint(fewest, most + 1);
  for (std::int64_t i = 0; i < count; ++i) {
    const int x = static_cast<int>(random.numpy.randint(0, image.width));
    const int y = static_cast<int>(random.numpy.randint(0, image.height));
    const auto candidate = static_cast<std::size_t>(random.numpy.randint(0, candidates(params)));
    const Size hole = hole_size(params, candidate, image);
    sample.image = image::erased(sample.image, {x, y, hole.width, hole.height},
                                 fill_for(params.fill_in, sample.image));
  }
  return true;
}

Bound bound(const CutOut&, const Bound& images) { return images; }

}  // namespace pinfeed
