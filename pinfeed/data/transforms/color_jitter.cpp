// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmpretrain/datasets/transforms/processing.py, ColorJitter.
#include "pinfeed/data/transforms/color_jitter.h"

#include <algorithm>
#include <limits>

#include "pinfeed/image/color/jitter.h"

namespace pinfeed {
namespace {

using Range = std::array<double, 2>;
constexpr double unlimited = std::numeric_limits<double>::infinity();

// The range that a key describes: a number is the distance from `middle`. Empty where nothing
// changes.
std::optional<Range> range_of(const ColorJitter::Amount& amount, double middle, Range bound) {
  const auto* number = std::get_if<double>(&amount);
  Range range =
      number != nullptr ? Range{middle - *number, middle + *number} : std::get<Range>(amount);
  for (double& end : range) end = std::clamp(end, bound[0], bound[1]);
  if (range[0] == middle && range[1] == middle) return std::nullopt;
  return range;
}

std::optional<double> random_factor(const std::optional<Range>& range, RandomContext& random) {
  if (!range) return std::nullopt;
  return random.numpy.uniform((*range)[0], (*range)[1]);
}

std::optional<float> factor(const std::optional<double>& value) {
  if (!value) return std::nullopt;
  return static_cast<float>(*value);
}

void check(const ColorJitter& params) {
  for (const auto* amount :
       {&params.brightness, &params.contrast, &params.saturation, &params.hue}) {
    const auto* number = std::get_if<double>(amount);
    const auto* range = std::get_if<Range>(amount);
    const bool fits = number != nullptr ? *number >= 0.0 : (*range)[0] <= (*range)[1];
    if (fits) continue;
    throw Error(ErrorKind::config,
                "the values of ColorJitter must be at least 0, or ranges (min, max)");
  }
  if (params.backend == image::Library::pillow) return;
  throw Error(ErrorKind::config, "backend 'cv2' is not reproduced; use 'pillow'");
}

}  // namespace

void describe(Schema<ColorJitter>& schema) {
  schema
      .summary(
          "Changes brightness, contrast, saturation and hue of a uint8 image, in random order.")
      .optional("brightness", &ColorJitter::brightness,
                "largest distance of the factor from 1, or the range of the factor")
      .optional("contrast", &ColorJitter::contrast, "the same, for the distance from the mean grey")
      .optional("saturation", &ColorJitter::saturation, "the same, for the distance from grey")
      .optional("hue", &ColorJitter::hue,
                "largest change of the hue, or its range, in full turns; at most 0.5")
      .optional("backend", &ColorJitter::backend, "the library whose pixels are reproduced")
      .check(check);
}

FieldUse fields(const ColorJitter&) { return {.needs = Field::image, .updates = Field::image}; }

bool apply(const ColorJitter& params, Sample& sample, RandomContext& random) {
  std::array<std::int64_t, 4> order = {0, 1, 2, 3};
  random.numpy.shuffle(order);
  image::Jitter changes;
  std::copy(order.begin(), order.end(), changes.order.begin());
  changes.brightness =
      factor(random_factor(range_of(params.brightness, 1.0, {0.0, unlimited}), random));
  changes.contrast =
      factor(random_factor(range_of(params.contrast, 1.0, {0.0, unlimited}), random));
  changes.saturation =
      factor(random_factor(range_of(params.saturation, 1.0, {0.0, unlimited}), random));
  const std::optional<double> hue = random_factor(range_of(params.hue, 0.0, {-0.5, 0.5}), random);
  if (hue) changes.hue = static_cast<std::uint8_t>(static_cast<int>(*hue * 255.0));
  if (sample.image.dtype() != DType::uint8) {
    throw Error(ErrorKind::data, "ColorJitter takes uint8 images; this one is float32");
  }
  sample.image = image::jittered(sample.image, changes);
  return true;
}

Bound bound(const ColorJitter&, const Bound& images) { return images; }

}  // namespace pinfeed
