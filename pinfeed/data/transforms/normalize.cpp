// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.9.
#include "pinfeed/data/transforms/normalize.h"

namespace pinfeed {
namespace {

void check(const Normalize& params) {
  for (const double deviation : params.std) {
    if (deviation == 0.0) throw Error(ErrorKind::config, "std must not contain 0");
  }
}

image::Normalization normalization_of(const Normalize& params) {
  image::Normalization normalization{.mean = {}, .std = {}, .to_rgb = params.to_rgb};
  for (std::size_t i = 0; i < 3; ++i) {
    normalization.mean[i] = static_cast<float>(params.mean[i]);
    normalization.std[i] = static_cast<float>(params.std[i]);
  }
  return normalization;
}

}  // namespace

void describe(Schema<Normalize>& schema) {
  schema.summary("Converts the image to float32: (x - mean) / std per channel.")
      .required("mean", &Normalize::mean, "per channel of the result, 0 to 255")
      .required("std", &Normalize::std, "per channel of the result")
      .optional("to_rgb", &Normalize::to_rgb, "reverse the channels first: BGR to RGB")
      .check(check);
}

FieldUse fields(const Normalize&) { return {.needs = Field::image, .updates = Field::image}; }

bool apply(const Normalize& params, Sample& sample, RandomContext&) {
  sample.normalization = normalization_of(params);
  sample.image = image::normalized(sample.image, *sample.normalization);
  return true;
}

Bound bound(const Normalize&, const Bound& images) { return images; }

}  // namespace pinfeed
