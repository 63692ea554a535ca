// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.12; mmdet/datasets/transforms/transforms.py,
// CachedMosaic.
#include "pinfeed/data/transforms/mosaic.h"

#include <algorithm>
#include <cmath>

#include "pinfeed/data/boxes.h"
#include "pinfeed/data/mask_moves.h"
#include "pinfeed/data/transforms/cached_mosaic.h"
#include "pinfeed/data/transforms/earlier_samples.h"
#include "pinfeed/data/transforms/objects.h"

namespace pinfeed {
namespace {

// One of the four, resized, and where its corner would lie on the canvas.
struct Quarter {
  image::ImageExpr image = {};
  double ratio = 1.0;
  int x = 0;
  int y = 0;
};

// `number` counts from the upper left, row by row: each touches the centre with its inner corner.
Quarter placed_quarter(const Mosaic& params, const Sample& sample, std::size_t number, int centre_x,
                       int centre_y) {
  const Size size = sample.image.size();
  const double ratio = std::min(static_cast<double>(params.img_scale.height) / size.height,
                                static_cast<double>(params.img_scale.width) / size.width);
  const Size target = {static_cast<int>(size.width * ratio), static_cast<int>(size.height * ratio)};
  return {image::resized(sample.image, target, image::Interpolation::bilinear), ratio,
          number % 2 == 0 ? centre_x - target.width : centre_x,
          number < 2 ? centre_y - target.height : centre_y};
}

// The part of the quarter that lies on the canvas and on its side of the centre.
std::optional<image::Piece> piece_of(const Quarter& quarter, Size canvas) {
  const Size size = quarter.image.size();
  const int left = std::max(quarter.x, 0);
  const int top = std::max(quarter.y, 0);
  const int right = std::min(quarter.x + size.width, canvas.width);
  const int bottom = std::min(quarter.y + size.height, canvas.height);
  if (right <= left || bottom <= top) return std::nullopt;
  const Rect window = {left - quarter.x, top - quarter.y, right - left, bottom - top};
  return image::Piece{image::cropped(quarter.image, window), left, top};
}

std::pmr::vector<Box> moved_boxes(const Sample& sample, const Quarter& quarter, Arena& arena) {
  std::pmr::vector<Box> boxes(&arena);
  const auto ratio = static_cast<float>(quarter.ratio);
  for (const Box& box : sample.boxes) {
    boxes.push_back(moved(scaled(box, ratio, ratio), static_cast<float>(quarter.x),
                          static_cast<float>(quarter.y)));
  }
  return boxes;
}

Masks moved_masks(const Sample& sample, const Quarter& quarter, Size canvas, Arena& arena) {
  Masks masks(sample.masks, arena);
  rescale(masks, quarter.ratio, arena);
  translate(masks, canvas, quarter.x, quarter.y, arena);
  return masks;
}

template <class T>
void check(const T& params) {
  check_whole(params.pad_val, T::name);
  if (params.img_scale.width < 1 || params.img_scale.height < 1) {
    throw Error(ErrorKind::config, "img_scale must be at least 1 pixel");
  }
}

template <class T>
void describe_mosaic(Schema<T>& schema) {
  schema.optional("img_scale", own<T>(&Mosaic::img_scale), "size of a quarter, pixels")
      .optional("center_ratio_range", own<T>(&Mosaic::center_ratio_range),
                "where the images meet, in quarters")
      .optional("bbox_clip_border", own<T>(&Mosaic::bbox_clip_border), "cut boxes at the border")
      .optional("pad_val", own<T>(&Mosaic::pad_val), "what no image covers", between(0, 255))
      .optional("prob", own<T>(&Mosaic::prob), "how likely it is", between(0, 1));
}

}  // namespace

void check_whole(double pad_val, const char* step) {
  if (std::floor(pad_val) == pad_val) return;
  throw Error(ErrorKind::config,
              std::string(step) + " takes a whole number of 0 to 255 for pad_val");
}

void make_mosaic(const Mosaic& params, Sample& sample, const std::array<Sample, 3>& others,
                 RandomContext& random) {
  const Size canvas = {2 * params.img_scale.width, 2 * params.img_scale.height};
  const auto drawn = [&](int side) {
    const auto [low, high] = params.center_ratio_range;
    return static_cast<int>(random.numpy.uniform(low, high) * side);
  };
  const int centre_x = drawn(params.img_scale.width);
  const int centre_y = drawn(params.img_scale.height);
  std::pmr::vector<image::Piece> pieces(sample.arena);
  Sample mosaic(*sample.arena);
  const bool has_masks = sample.fields.has(Field::masks);
  for (std::size_t i = 0; i < 4; ++i) {
    const Sample& part = i == 0 ? sample : others[i - 1];
    const Quarter quarter = placed_quarter(params, part, i, centre_x, centre_y);
    if (const auto piece = piece_of(quarter, canvas)) pieces.push_back(*piece);
    add_objects(mosaic, part, moved_boxes(part, quarter, *sample.arena));
    if (has_masks) append(mosaic.masks, moved_masks(part, quarter, canvas, *sample.arena));
  }
  if (pieces.empty()) throw Error(ErrorKind::data, "no image lies on the mosaic");
  const double pad = params.pad_val;
  sample.image = image::composed(canvas, {pad, pad, pad}, pieces);
  sample.img_shape = canvas;
  mosaic.masks.polygons = sample.masks.polygons;
  mosaic.masks.size = canvas;
  sample.masks.assign(mosaic.masks);
  sample.boxes = std::move(mosaic.boxes);
  sample.labels = std::move(mosaic.labels);
  sample.ignore_flags = std::move(mosaic.ignore_flags);
  keep_inside(sample, canvas, params.bbox_clip_border);
}

void describe(Schema<Mosaic>& schema) {
  schema.summary("Four images around a random centre; only inside MultiImageMixDataset.");
  describe_mosaic(schema);
  schema.check(check<Mosaic>);
}

FieldUse fields(const Mosaic&) {
  const Fields objects = Field::boxes | Field::labels | Field::ignore_flags;
  return {.needs = objects | Field::image, .updates = objects | Field::image};
}

bool apply(const Mosaic& params, Sample& sample, RandomContext& random) {
  refuse_masks(sample, Mosaic::name);
  const std::uint32_t step = random.step();
  std::array<std::int64_t, 3> indices = {};
  for (std::int64_t& index : indices) index = random.numpy.randint(0, random.partners());
  const auto other = [&](std::size_t i) { return random.partner(indices[i]); };
  Sample first = other(0);
  Sample second = other(1);
  const std::array<Sample, 3> others = {std::move(first), std::move(second), other(2)};
  random.resume(step);
  if (random.numpy.uniform(0.0, 1.0) > params.prob) return true;
  make_mosaic(params, sample, others, random);
  return true;
}

void describe(Schema<CachedMosaic>& schema) {
  schema.summary("Mosaic whose other images are samples that came before; moves masks too.");
  describe_mosaic(schema);
  schema
      .optional("max_cached_images", &CachedMosaic::max_cached_images,
                "how many samples there are to choose from", at_least(4))
      .optional("random_pop", &CachedMosaic::random_pop,
                "under replay: which sample goes when there are too many; False: the oldest")
      .check(check<CachedMosaic>);
}

FieldUse fields(const CachedMosaic&) {
  FieldUse use = fields(Mosaic{});
  use.updates |= Field::masks;
  use.earlier_samples = true;
  return use;
}

bool apply(const CachedMosaic& params, Sample& sample, RandomContext& random) {
  const EarlierSamples earlier(sample, params.max_cached_images, params.random_pop, random);
  if (earlier.count() <= 4) return true;
  if (random.numpy.uniform(0.0, 1.0) > params.prob) return true;
  Sample first = earlier.drawn(random);
  Sample second = earlier.drawn(random);
  const std::array<Sample, 3> others = {std::move(first), std::move(second), earlier.drawn(random)};
  make_mosaic(params, sample, others, random);
  return true;
}

Bound bound(const Mosaic& params, const Bound& images) {
  const ImageBound mosaic = bound_of(2 * params.img_scale.width, 2 * params.img_scale.height);
  return params.prob < 1.0 ? either(mosaic, images) : mosaic;
}

// The first samples have no four before them.
Bound bound(const CachedMosaic& params, const Bound& images) {
  return either(bound_of(2 * params.img_scale.width, 2 * params.img_scale.height), images);
}

}  // namespace pinfeed
