// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.4.
#include "pinfeed/data/transforms/random_choice_resize.h"

#include <fmt/format.h>

#include "pinfeed/data/transforms/resize_to.h"

namespace pinfeed {

// As upstream: only a list is several scales; a tuple or a number is one.
template <>
struct Converter<ScaleChoices> {
  using Scale = std::variant<int, Size>;

  static ScaleChoices from(const Value& value, const std::string& path) {
    const bool several = value.is_list() ||
                         (value.is_tuple() && !value.items().empty() && !value.items()[0].is_int());
    if (several) return {convert<std::vector<Scale>>(value, path)};
    try {
      return {{convert<Scale>(value, path)}};
    } catch (const Error&) {
      throw wrong_type(value, path, wanted());
    }
  }
  static std::string wanted() { return "list of (w, h) or int, or (w, h)"; }
  static Value shown(const ScaleChoices& choices) {
    return Converter<std::vector<Scale>>::shown(choices.scales);
  }
};

namespace {

using Scale = std::variant<int, Size>;

void check_scales(const RandomChoiceResize& params) {
  if (params.scales.scales.empty()) {
    throw Error(ErrorKind::config, "scales is []; it must hold at least one size");
  }
  for (const Scale& scale : params.scales.scales) {
    const int* side = std::get_if<int>(&scale);
    if (side == nullptr || *side > 0) continue;
    throw Error(ErrorKind::config,
                "scales holds " + std::to_string(*side) + "; each number must be at least 1");
  }
}

// Upstream can take a number for a factor only with keep_ratio. A number that was meant as pixels
// makes an image that is too large to hold.
void resize_by(int factor, const RandomChoiceResize& params, Sample& sample) {
  const Size size = sample.image.size();
  const std::string number = std::to_string(factor);
  const std::string square = "(" + number + ", " + number + ")";
  const double pixels = static_cast<double>(size.width) * size.height * factor * factor;
  if (!params.keep_ratio) {
    throw Error(ErrorKind::config, "scales holds the number " + number +
                                       ", at which OpenMMLab's RandomChoiceResize fails")
        .help("write " + square + ", or leave out replay: then a number is a side of a square");
  }
  if (pixels > static_cast<double>(image::default_max_pixels)) {
    throw Error(ErrorKind::config, "scales holds the number " + number +
                                       ", which OpenMMLab takes as a factor: an image of " +
                                       to_string(size) + " would get " +
                                       fmt::format("{:.0f}", pixels) + " pixels")
        .help("write " + square + ", or leave out replay: then a number is a side of a square");
  }
  Resize resize{params};
  resize.scale_factor = static_cast<double>(factor);
  resize_as(params.resize_type, resize, sample);
}

}  // namespace

void describe(Schema<RandomChoiceResize>& schema) {
  schema.summary("Resizes to one of several sizes, chosen with equal probability.")
      .required("scales", &RandomChoiceResize::scales,
                "a list of sizes (w, h), or one size; a number in the list is the side of a "
                "square, but a factor under replay, as upstream takes it")
      .include<ResizeByTypeOptions>()
      .check(check_scales);
}

FieldUse fields(const RandomChoiceResize&) { return fields(Resize{}); }

bool apply(const RandomChoiceResize& params, Sample& sample, RandomContext& random) {
  const std::vector<Scale>& scales = params.scales.scales;
  const Scale& chosen =
      scales[static_cast<std::size_t>(random.numpy.randint(0, std::ssize(scales)))];
  if (const Size* size = std::get_if<Size>(&chosen)) {
    resize_to(*size, params, sample);
    return true;
  }
  const int number = std::get<int>(chosen);
  if (random.keyed()) {
    resize_to({number, number}, params, sample);
  } else {
    resize_by(number, params, sample);
  }
  return true;
}

// Numbers have no bound: whether they are sides or factors is known only when a sample is planned.
Bound bound(const RandomChoiceResize& params, const Bound&) {
  Bound most = ImageBound{};
  for (const Scale& scale : params.scales.scales) {
    const Size* size = std::get_if<Size>(&scale);
    if (size == nullptr) return std::nullopt;
    most = either(most, bound_inside(*size, params.keep_ratio));
  }
  return most;
}

}  // namespace pinfeed
