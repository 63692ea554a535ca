// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.4.
#include <fmt/format.h>

#include "pinfeed/data/transforms/random_choice_resize.h"
#include "pinfeed/data/transforms/resize.h"
#include "pinfeed/data/transforms/resize_to.h"

namespace pinfeed {

// Upstream: only a list is several scales; a tuple is one, and so is a number.
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

void check(const RandomChoiceResize& params) {
  check_interpolation(params.backend, params.interpolation);
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

// Where upstream takes a number for a factor it can do so with keep_ratio only, and a side that was
// meant as pixels makes an image that nobody can hold.
bool resize_by(int factor, const RandomChoiceResize& params, Sample& sample,
               RandomContext& random) {
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
                                       ", which OpenMMLab takes for a factor: an image of " +
                                       to_string(size) + " would get " +
                                       fmt::format("{:.0f}", pixels) + " pixels")
        .help("write " + square + ", or leave out replay: then a number is a side of a square");
  }
  return resize_as({.scale_factor = static_cast<double>(factor)}, params, sample, random);
}

}  // namespace

void describe(Schema<RandomChoiceResize>& schema) {
  schema.summary("Resizes to one of several sizes, each as likely as the others.")
      .required(
          "scales", &RandomChoiceResize::scales,
          "a list of sizes (w, h), or one size; in the list a number is the side of a square, "
          "but a factor under replay, as upstream takes it")
      .optional("resize_type", &RandomChoiceResize::resize_type, "the transform that resizes")
      .optional("keep_ratio", &RandomChoiceResize::keep_ratio, "keep the image's ratio of sides")
      .optional("clip_object_border", &RandomChoiceResize::clip_object_border,
                "cut boxes at the border")
      .optional("backend", &RandomChoiceResize::backend, "the library whose pixels are reproduced")
      .optional("interpolation", &RandomChoiceResize::interpolation, "how pixels are made")
      .check(check);
}

FieldUse fields(const RandomChoiceResize&) { return fields(Resize{}); }

bool apply(const RandomChoiceResize& params, Sample& sample, RandomContext& random) {
  const std::vector<Scale>& scales = params.scales.scales;
  const Scale& drawn =
      scales[static_cast<std::size_t>(random.numpy.randint(0, std::ssize(scales)))];
  if (const Size* size = std::get_if<Size>(&drawn)) return resize_to(*size, params, sample, random);
  const int number = std::get<int>(drawn);
  if (!random.keyed()) return resize_by(number, params, sample, random);
  return resize_to({number, number}, params, sample, random);
}

// Of numbers nothing is known: which of the two ways they are taken is seen when an image comes.
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
