// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 4.4.
#include "pinfeed/data/transforms.h"
#include "pinfeed/data/transforms/resize_to.h"

namespace pinfeed {
namespace {

void check(const RandomChoiceResize& params) {
  check_interpolation(params.backend, params.interpolation);
  const auto* scales = std::get_if<std::vector<Size>>(&params.scales);
  if (scales == nullptr || !scales->empty()) return;
  throw Error(ErrorKind::config, "scales is []; it must hold at least one size");
}

Size drawn_scale(const RandomChoiceResize& params, Draw& draw) {
  if (const Size* one = std::get_if<Size>(&params.scales)) return *one;
  const auto& scales = std::get<std::vector<Size>>(params.scales);
  return scales[static_cast<std::size_t>(draw.numpy.randint(0, std::ssize(scales)))];
}

}  // namespace

void describe(Schema<RandomChoiceResize>& schema) {
  schema.summary("Resizes to one of several sizes, each as likely as the others.")
      .required("scales", &RandomChoiceResize::scales, "a list of sizes (w, h), or one")
      .optional("resize_type", &RandomChoiceResize::resize_type, "the transform that resizes")
      .optional("keep_ratio", &RandomChoiceResize::keep_ratio, "keep the picture's ratio of sides")
      .optional("clip_object_border", &RandomChoiceResize::clip_object_border,
                "cut boxes at the border")
      .optional("backend", &RandomChoiceResize::backend, "the library whose pixels are reproduced")
      .optional("interpolation", &RandomChoiceResize::interpolation, "how pixels are made")
      .check(check);
}

FieldUse fields(const RandomChoiceResize&) { return fields(Resize{}); }

bool apply(const RandomChoiceResize& params, Sample& sample, Draw& draw) {
  return resize_to(drawn_scale(params, draw), params, sample, draw);
}

Bound bound(const RandomChoiceResize& params, const Bound&) {
  if (const Size* one = std::get_if<Size>(&params.scales)) {
    return bound_inside(*one, params.keep_ratio);
  }
  Bound most = PictureBound{};
  for (const Size scale : std::get<std::vector<Size>>(params.scales)) {
    most = either(most, bound_inside(scale, params.keep_ratio));
  }
  return most;
}

}  // namespace pinfeed
