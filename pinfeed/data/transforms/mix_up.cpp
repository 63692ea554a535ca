// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.13; mmdet/datasets/transforms/transforms.py,
// CachedMixUp.
#include <algorithm>

#include "pinfeed/data/boxes.h"
#include "pinfeed/data/mask_moves.h"
#include "pinfeed/data/transforms/cached_mix_up.h"
#include "pinfeed/data/transforms/cached_mosaic.h"
#include "pinfeed/data/transforms/earlier_samples.h"
#include "pinfeed/data/transforms/mix_up.h"
#include "pinfeed/data/transforms/mosaic.h"
#include "pinfeed/data/transforms/objects.h"

namespace pinfeed {

// A number for all channels, or one for each. Upstream multiplies an array of bytes by it: an int
// leaves bytes, a float makes doubles. A tuple of ints makes int64, which OpenCV copies but does
// not resize; here it is a tuple of floats.
template <>
struct Converter<MixUpPad> {
  static MixUpPad from(const Value& value, const std::string& path) {
    MixUpPad pad{.whole = value.is_int()};
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
    if (pad.whole) return static_cast<std::int64_t>(channels[0]);
    return channels[0];
  }
};

namespace {

void require_bytes(const image::ImageExpr& image) {
  if (image.dtype() == DType::uint8) return;
  throw Error(ErrorKind::data, "MixUp wants bytes, an image is float32")
      .help("put it before the step that makes float32");
}

// The other image on its way: how large it is after the jitter, and how it was scaled.
struct Other {
  image::ImageExpr image = {};
  double ratio = 1.0;
  bool flipped = false;
};

Other jittered(const MixUp& params, const Sample& sample, RandomContext& random) {
  Other other;
  const double jitter = random.numpy.uniform(params.ratio_range[0], params.ratio_range[1]);
  other.flipped = random.numpy.uniform(0.0, 1.0) > params.flip_ratio;
  const Size scale = params.img_scale;
  const Size size = sample.image.size();
  other.ratio = std::min(static_cast<double>(scale.height) / size.height,
                         static_cast<double>(scale.width) / size.width);
  const Size inside = {static_cast<int>(size.width * other.ratio),
                       static_cast<int>(size.height * other.ratio)};
  const image::ImageExpr fitted =
      image::resized(sample.image, inside, image::Interpolation::bilinear);
  const image::ImageExpr canvas = image::padded(fitted, scale, params.pad_val.channels);
  const Size target = {static_cast<int>(scale.width * jitter),
                       static_cast<int>(scale.height * jitter)};
  other.image = params.pad_val.whole
                    ? image::resized(canvas, target, image::Interpolation::bilinear)
                    : image::resized_in_doubles(canvas, target);
  other.ratio *= jitter;
  if (other.flipped) {
    other.image = image::flipped(other.image, image::FlipDirection::horizontal);
  }
  return other;
}

// Where the target's window lies. The last place of each side is never drawn, as upstream.
Rect drawn_window(Size canvas, Size target, RandomContext& random) {
  Rect window = {0, 0, target.width, target.height};
  if (canvas.height > target.height) {
    window.y = static_cast<int>(random.numpy.randint(0, canvas.height - target.height));
  }
  if (canvas.width > target.width) {
    window.x = static_cast<int>(random.numpy.randint(0, canvas.width - target.width));
  }
  return window;
}

Box moved_box(const MixUp& params, const Other& other, const Rect& window, Box box) {
  const Size size = other.image.size();
  const auto ratio = static_cast<float>(other.ratio);
  box = scaled(box, ratio, ratio);
  if (params.bbox_clip_border) box = clipped(box, size);
  if (other.flipped) box = flipped(box, size, image::FlipDirection::horizontal);
  box = moved(box, static_cast<float>(-window.x), static_cast<float>(-window.y));
  if (params.bbox_clip_border) box = clipped(box, {window.width, window.height});
  return box;
}

// Upstream resizes and flips the masks by themselves, without what the other does not cover.
Masks moved_masks(const Other& other, const Rect& window, const Sample& sample, Arena& arena) {
  Masks masks(sample.masks, arena);
  rescale(masks, other.ratio, arena);
  if (other.flipped) flip(masks, image::FlipDirection::horizontal, arena);
  translate(masks, {window.width, window.height}, -window.x, -window.y, arena);
  return masks;
}

template <class T>
void describe_mix_up(Schema<T>& schema) {
  schema.optional("img_scale", own<T>(&MixUp::img_scale), "what the other is fitted into, pixels")
      .optional("ratio_range", own<T>(&MixUp::ratio_range), "least and most scale of the other")
      .optional("flip_ratio", own<T>(&MixUp::flip_ratio), "how likely the other is not flipped",
                between(0, 1))
      .optional("pad_val", own<T>(&MixUp::pad_val),
                "what is written where the other does not reach, one number or one per channel")
      .optional("max_iters", own<T>(&MixUp::max_iters), "draws until the other has boxes",
                at_least(1))
      .optional("bbox_clip_border", own<T>(&MixUp::bbox_clip_border), "cut boxes at the border")
      .check([](const T& params) {
        for (const double channel : params.pad_val.channels) check_whole(channel, T::name);
      });
}

}  // namespace

void mix_up(const MixUp& params, Sample& sample, const Sample& other, RandomContext& random) {
  if (other.boxes.empty()) return;
  require_bytes(sample.image);
  require_bytes(other.image);
  const Other made = jittered(params, other, random);
  const Size size = made.image.size();
  const Size target = sample.image.size();
  const Size canvas = {std::max(size.width, target.width), std::max(size.height, target.height)};
  const Rect window = drawn_window(canvas, target, random);
  const image::ImageExpr padded = image::padded(made.image, canvas, params.pad_val.channels);
  sample.image = image::blended(sample.image, image::cropped(padded, window));
  sample.img_shape = target;
  std::pmr::vector<Box> boxes(sample.arena);
  for (const Box& box : other.boxes) boxes.push_back(moved_box(params, made, window, box));
  add_objects(sample, other, boxes);
  if (sample.fields.has(Field::masks)) {
    append(sample.masks, moved_masks(made, window, other, *sample.arena));
  }
  keep_inside(sample, target, false);
}

void describe(Schema<MixUp>& schema) {
  schema.summary("The mean of the image and another; only inside MultiImageMixDataset.");
  describe_mix_up(schema);
}

FieldUse fields(const MixUp&) { return fields(Mosaic{}); }

// Upstream loads the other once to look at its boxes and once more to use it.
bool apply(const MixUp& params, Sample& sample, RandomContext& random) {
  refuse_masks(sample, MixUp::name);
  const std::uint32_t step = random.step();
  std::int64_t index = 0;
  for (int i = 0; i < params.max_iters; ++i) {
    index = random.numpy.randint(0, random.partners());
    const bool found = !random.partner(index).boxes.empty();
    random.resume(step);
    if (found) break;
  }
  const Sample other = random.partner(index);
  random.resume(step);
  mix_up(params, sample, other, random);
  return true;
}

void describe(Schema<CachedMixUp>& schema) {
  schema.summary("MixUp whose other image is a sample that came before; moves masks too.");
  describe_mix_up(schema);
  schema
      .optional("max_cached_images", &CachedMixUp::max_cached_images,
                "how many samples there are to choose from", at_least(2))
      .optional("random_pop", &CachedMixUp::random_pop,
                "under replay: which sample goes when there are too many; False: the oldest")
      .optional("prob", &CachedMixUp::prob, "how likely it is", between(0, 1));
}

FieldUse fields(const CachedMixUp&) { return fields(CachedMosaic{}); }

bool apply(const CachedMixUp& params, Sample& sample, RandomContext& random) {
  const EarlierSamples earlier(sample, params.max_cached_images, params.random_pop, random);
  if (earlier.count() <= 1) return true;
  if (random.numpy.uniform(0.0, 1.0) > params.prob) return true;
  Sample other = earlier.drawn(random);
  for (int i = 1; i < params.max_iters && other.boxes.empty(); ++i) other = earlier.drawn(random);
  mix_up(params, sample, other, random);
  return true;
}

Bound bound(const MixUp&, const Bound& images) { return images; }

}  // namespace pinfeed
