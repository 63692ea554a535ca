// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.13.
#include "pinfeed/data/transforms/mix_up.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pinfeed/data/boxes.h"
#include "pinfeed/data/mask_moves.h"
#include "pinfeed/data/transforms/mosaic.h"
#include "pinfeed/data/transforms/objects.h"

namespace pinfeed {

// One number for all channels, or one for each. Upstream multiplies a uint8 array by it: an int
// keeps uint8, a float makes float64. A tuple of ints would make int64, which OpenCV does not
// resize; here it is read as a tuple of floats.
template <>
struct Converter<MixUpPad> {
  static MixUpPad from(const Value& value, const std::string& path) {
    MixUpPad pad{.integral = value.is_int()};
    if (value.is_sequence() && value.items().size() == 3) {
      pad.channels = convert<std::array<double, 3>>(value, path);
    } else if (value.is_int() || value.is_float()) {
      pad.channels.fill(convert<double>(value, path));
    } else {
      throw wrong_type(value, path, wanted());
    }
    for (const double channel : pad.channels) check_range(channel, between(0, 255), value, path);
    return pad;
  }
  static std::string wanted() { return "float, or a tuple of three"; }
  static Value shown(const MixUpPad& pad) {
    const auto& channels = pad.channels;
    if (channels[0] != channels[1] || channels[0] != channels[2]) {
      return Converter<std::array<double, 3>>::shown(channels);
    }
    if (pad.integral) return static_cast<std::int64_t>(channels[0]);
    return channels[0];
  }
};

namespace {

void require_bytes(const image::ImageExpr& image) {
  if (image.dtype() == DType::uint8) return;
  throw Error(ErrorKind::data, "MixUp takes uint8 images; this one is float32")
      .help("put MixUp before the step that converts to float32");
}

// At the smallest ratio the shorter side has a pixel, at the largest the image max_step_pixels.
// numpy.uniform takes the two numbers in any order.
void check_ratios(const MixUp& params) {
  const Size scale = params.img_scale;
  if (scale.width < 1 || scale.height < 1) {
    throw Error(ErrorKind::config, "img_scale is " + repr(Converter<Size>::shown(scale)) +
                                       "; both sides must be at least 1 pixel");
  }
  const double smallest = 1.0 / std::min(scale.width, scale.height);
  const double area = static_cast<double>(scale.width) * scale.height;
  const double largest = std::sqrt(static_cast<double>(image::max_step_pixels) / area);
  for (const double ratio : params.ratio_range) {
    if (ratio >= smallest && ratio <= largest) continue;
    throw Error(ErrorKind::config,
                fmt::format("ratio_range has {}; with img_scale={} both numbers must be between "
                            "{:.4g} and {:.4g}",
                            repr(ratio), repr(Converter<Size>::shown(scale)), smallest, largest));
  }
}

// The other image after scale jitter and flip.
struct JitteredImage {
  image::ImageExpr image = {};
  double ratio = 1.0;  // from the stored size
  bool flipped = false;
};

JitteredImage jittered_image(const MixUp& params, const Sample& sample, RandomContext& random) {
  JitteredImage other;
  const double jitter = random.numpy.uniform(params.ratio_range[0], params.ratio_range[1]);
  other.flipped = random.numpy.uniform(0.0, 1.0) > params.flip_ratio;
  const Size scale = params.img_scale;
  const Size size = sample.image.size();
  other.ratio = std::min(static_cast<double>(scale.height) / size.height,
                         static_cast<double>(scale.width) / size.width);
  const Size inside = {whole_number(size.width * other.ratio),
                       whole_number(size.height * other.ratio)};
  const image::ImageExpr fitted =
      image::resized(sample.image, inside, image::Interpolation::bilinear);
  const image::ImageExpr canvas = image::padded(fitted, scale, params.pad_val.channels);
  const Size target = {whole_number(scale.width * jitter), whole_number(scale.height * jitter)};
  other.image = params.pad_val.integral
                    ? image::resized(canvas, target, image::Interpolation::bilinear)
                    : image::resized_in_doubles(canvas, target);
  other.ratio *= jitter;
  if (other.flipped) {
    other.image = image::flipped(other.image, image::FlipDirection::horizontal);
  }
  return other;
}

// The window of the target's size. The last possible position of each axis is never chosen, as
// upstream.
Rect random_target_window(Size canvas, Size target, RandomContext& random) {
  Rect window = {0, 0, target.width, target.height};
  if (canvas.height > target.height) {
    window.y = static_cast<int>(random.numpy.randint(0, canvas.height - target.height));
  }
  if (canvas.width > target.width) {
    window.x = static_cast<int>(random.numpy.randint(0, canvas.width - target.width));
  }
  return window;
}

Box mixed_box(const MixUp& params, const JitteredImage& other, const Rect& window, Box box) {
  const Size size = other.image.size();
  const auto ratio = static_cast<float>(other.ratio);
  box = scaled(box, ratio, ratio);
  if (params.bbox_clip_border) box = clipped(box, size);
  if (other.flipped) box = flipped(box, size, image::FlipDirection::horizontal);
  box = moved(box, static_cast<float>(-window.x), static_cast<float>(-window.y));
  if (params.bbox_clip_border) box = clipped(box, {window.width, window.height});
  return box;
}

// Upstream resizes and flips the masks without the padding of the image.
Masks mixed_masks(const JitteredImage& other, const Rect& window, const Sample& sample,
                  Arena& arena) {
  Masks masks(sample.masks, arena);
  rescale(masks, other.ratio, arena);
  if (other.flipped) flip(masks, image::FlipDirection::horizontal, arena);
  translate(masks, {window.width, window.height}, -window.x, -window.y, arena);
  return masks;
}

}  // namespace

void mix_up(const MixUp& params, Sample& sample, const Sample& other, RandomContext& random) {
  if (other.boxes.empty()) return;
  require_bytes(sample.image);
  require_bytes(other.image);
  const JitteredImage jittered = jittered_image(params, other, random);
  const Size size = jittered.image.size();
  const Size target = sample.image.size();
  const Size canvas = {std::max(size.width, target.width), std::max(size.height, target.height)};
  const Rect window = random_target_window(canvas, target, random);
  const image::ImageExpr padded = image::padded(jittered.image, canvas, params.pad_val.channels);
  sample.image = image::blended(sample.image, image::cropped(padded, window));
  sample.img_shape = target;
  std::pmr::vector<Box> boxes(sample.arena);
  for (const Box& box : other.boxes) boxes.push_back(mixed_box(params, jittered, window, box));
  add_objects(sample, other, boxes);
  if (sample.fields.has(Field::masks)) {
    append(sample.masks, mixed_masks(jittered, window, other, *sample.arena));
  }
  keep_inside(sample, target, false);
}

void describe(Schema<MixUp>& schema) {
  schema.summary("Averages the image and another one; only inside MultiImageMixDataset.")
      .optional("img_scale", &MixUp::img_scale, "size that the other image is fitted into, pixels")
      .optional("ratio_range", &MixUp::ratio_range, "smallest and largest scale of the other image")
      .optional("flip_ratio", &MixUp::flip_ratio, "probability that the other image is not flipped",
                between(0, 1))
      .optional("pad_val", &MixUp::pad_val,
                "value where the other image does not reach, one number or one per channel")
      .optional("max_iters", &MixUp::max_iters, "attempts to find another image with boxes",
                between(1, 10'000))
      .optional("bbox_clip_border", &MixUp::bbox_clip_border, "clip boxes to the image")
      .check([](const MixUp& params) {
        check_ratios(params);
        for (const double channel : params.pad_val.channels) check_integral(channel, "pad_val");
      });
}

FieldUse fields(const MixUp&) { return fields(Mosaic{}); }

// Upstream loads the other image twice: once to check its boxes, once to use it.
bool apply(const MixUp& params, Sample& sample, RandomContext& random) {
  refuse_masks(sample, MixUp::name);
  const std::uint32_t step = random.step();
  std::int64_t index = 0;
  for (int i = 0; i < params.max_iters; ++i) {
    index = random.numpy.randint(0, random.inner_size());
    const bool found = !random.inner_sample(index).boxes.empty();
    random.resume(step);
    if (found) break;
  }
  const Sample other = random.inner_sample(index);
  random.resume(step);
  mix_up(params, sample, other, random);
  return true;
}

Bound bound(const MixUp&, const Bound& images) { return images; }

}  // namespace pinfeed
