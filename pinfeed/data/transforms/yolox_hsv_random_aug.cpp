// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.11.
#include "pinfeed/data/transforms/yolox_hsv_random_aug.h"

namespace pinfeed {

void describe(Schema<YOLOXHSVRandomAug>& schema) {
  schema.summary("Adds random amounts to hue, saturation and value of a uint8 image.")
      .optional("hue_delta", &YOLOXHSVRandomAug::hue_delta, "largest change, of 180", at_least(0))
      .optional("saturation_delta", &YOLOXHSVRandomAug::saturation_delta, "largest change, of 255",
                at_least(0))
      .optional("value_delta", &YOLOXHSVRandomAug::value_delta, "largest change, of 255",
                at_least(0));
}

FieldUse fields(const YOLOXHSVRandomAug&) {
  return {.needs = Field::image, .updates = Field::image};
}

bool apply(const YOLOXHSVRandomAug& params, Sample& sample, RandomContext& random) {
  if (sample.image.dtype() != DType::uint8) {
    throw Error(ErrorKind::data, "YOLOXHSVRandomAug takes uint8 images; this one is float32")
        .help("put it before the step that converts to float32");
  }
  std::array<double, 3> gains = {params.hue_delta, params.saturation_delta, params.value_delta};
  for (double& gain : gains) gain = random.numpy.uniform(-1.0, 1.0) * gain;
  image::HueGains added;
  for (std::size_t i = 0; i < gains.size(); ++i) {
    const auto enabled = static_cast<double>(random.numpy.randint(0, 2));
    added.add[i] = static_cast<std::int16_t>(whole_number(gains[i] * enabled));
  }
  sample.image = image::with_hue_gains(sample.image, added);
  return true;
}

Bound bound(const YOLOXHSVRandomAug&, const Bound& images) { return images; }

}  // namespace pinfeed
