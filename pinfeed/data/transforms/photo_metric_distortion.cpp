// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.10.
#include "pinfeed/data/transforms/photo_metric_distortion.h"

#include <algorithm>

namespace pinfeed {
namespace {

// As upstream, all random numbers are sampled, also those that are not used.
image::Distortion random_distortion(const PhotoMetricDistortion& params, RandomContext& random) {
  const auto coin = [&random] { return random.numpy.randint(0, 2) == 1; };
  const auto real = [&random](double low, double high) {
    return static_cast<float>(random.numpy.uniform(low, high));
  };
  image::Distortion distortion;
  distortion.contrast_first = coin();
  const bool brightness = coin();
  const bool contrast = coin();
  distortion.change_saturation = coin();
  distortion.change_hue = coin();
  const bool swap = coin();
  const float delta = real(-params.brightness_delta, params.brightness_delta);
  if (brightness) distortion.brightness = delta;
  const float factor = real(params.contrast_range[0], params.contrast_range[1]);
  if (contrast) distortion.contrast = factor;
  distortion.saturation = real(params.saturation_range[0], params.saturation_range[1]);
  distortion.hue = real(-params.hue_delta, params.hue_delta);
  std::array<std::int64_t, 3> order = {0, 1, 2};
  random.numpy.shuffle(order);
  if (!swap) return distortion;
  std::transform(order.begin(), order.end(), distortion.channels.begin(),
                 [](std::int64_t channel) { return static_cast<std::uint8_t>(channel); });
  return distortion;
}

}  // namespace

void describe(Schema<PhotoMetricDistortion>& schema) {
  schema
      .summary(
          "Changes brightness, contrast, saturation and hue, permutes channels; makes float32.")
      .optional("brightness_delta", &PhotoMetricDistortion::brightness_delta,
                "largest change of brightness", at_least(0))
      .optional("contrast_range", &PhotoMetricDistortion::contrast_range,
                "smallest and largest factor")
      .optional("saturation_range", &PhotoMetricDistortion::saturation_range,
                "smallest and largest factor")
      .optional("hue_delta", &PhotoMetricDistortion::hue_delta, "largest change of hue, degrees",
                at_least(0));
}

FieldUse fields(const PhotoMetricDistortion&) {
  return {.needs = Field::image, .updates = Field::image};
}

bool apply(const PhotoMetricDistortion& params, Sample& sample, RandomContext& random) {
  sample.image = image::distorted(image::as_float(sample.image), random_distortion(params, random));
  return true;
}

Bound bound(const PhotoMetricDistortion&, const Bound& images) { return images; }

}  // namespace pinfeed
