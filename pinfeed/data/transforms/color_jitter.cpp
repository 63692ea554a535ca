// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmpretrain/datasets/transforms/processing.py, ColorJitter.
#include <algorithm>
#include <limits>

#include "pinfeed/data/transforms/color_jitter.h"
#include "pinfeed/image/color/jitter.h"

namespace pinfeed {
namespace {

using Range = std::array<double, 2>;
constexpr double endless = std::numeric_limits<double>::infinity();

// What a key means: a number is a range around the middle, and nothing where it is the middle.
std::optional<Range> range_of(const ColorJitter::Amount& amount, double middle, Range bound) {
  const auto* number = std::get_if<double>(&amount);
  Range range =
      number != nullptr ? Range{middle - *number, middle + *number} : std::get<Range>(amount);
  for (double& end : range) end = std::clamp(end, bound[0], bound[1]);
  if (range[0] == middle && range[1] == middle) return std::nullopt;
  return range;
}

std::optional<double> drawn(const std::optional<Range>& range, RandomContext& random) {
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
                "ColorJitter takes numbers of at least 0, or ranges (low, high)");
  }
  if (params.backend == image::Library::pillow) return;
  throw Error(ErrorKind::config, "backend 'cv2' is not reproduced; ColorJitter is Pillow's");
}

}  // namespace

void describe(Schema<ColorJitter>& schema) {
  schema.summary("Changes brightness, contrast, colour and hue of the 8-bit image, in any order.")
      .optional("brightness", &ColorJitter::brightness,
                "how far its factor may be from 1, or the range it is drawn from")
      .optional("contrast", &ColorJitter::contrast, "the same for the distance from the mean grey")
      .optional("saturation", &ColorJitter::saturation, "the same for the distance from grey")
      .optional("hue", &ColorJitter::hue, "how far it may turn, in circles; at most 0.5")
      .optional("backend", &ColorJitter::backend, "the library whose pixels are reproduced")
      .check(check);
}

FieldUse fields(const ColorJitter&) { return {.needs = Field::image, .updates = Field::image}; }

bool apply(const ColorJitter& params, Sample& sample, RandomContext& random) {
  std::array<std::int64_t, 4> order = {0, 1, 2, 3};
  random.numpy.shuffle(order);
  image::Jitter changes;
  std::copy(order.begin(), order.end(), changes.order.begin());
  changes.brightness = factor(drawn(range_of(params.brightness, 1.0, {0.0, endless}), random));
  changes.contrast = factor(drawn(range_of(params.contrast, 1.0, {0.0, endless}), random));
  changes.saturation = factor(drawn(range_of(params.saturation, 1.0, {0.0, endless}), random));
  const std::optional<double> hue = drawn(range_of(params.hue, 0.0, {-0.5, 0.5}), random);
  if (hue) changes.hue = static_cast<std::uint8_t>(static_cast<int>(*hue * 255.0));
  if (sample.image.dtype() != DType::uint8) {
    throw Error(ErrorKind::data, "ColorJitter takes 8-bit images; this one is float32");
  }
  sample.image = image::jittered(sample.image, changes);
  return true;
}

Bound bound(const ColorJitter&, const Bound& images) { return images; }

}  // namespace pinfeed
