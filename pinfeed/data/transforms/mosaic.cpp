// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.12.
#include "pinfeed/data/transforms/mosaic.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "pinfeed/data/boxes.h"
#include "pinfeed/data/mask_moves.h"
#include "pinfeed/data/transforms/objects.h"

namespace pinfeed {
namespace {

// No image at a centre that far away reaches the canvas; sums of positions stay within int.
constexpr int farthest_centre = 1 << 29;

// One of the four images, resized, and the position of its upper left corner on the canvas, which
// may lie outside.
struct Quarter {
  image::ImageExpr image = {};
  double ratio = 1.0;
  int x = 0;
  int y = 0;
};

// `number` counts the quarters row by row from the upper left. The inner corner of each image lies
// at the centre.
Quarter quarter_of(const Mosaic& params, const Sample& sample, std::size_t number, int centre_x,
                   int centre_y) {
  const Size size = sample.image.size();
  const double ratio = std::min(static_cast<double>(params.img_scale.height) / size.height,
                                static_cast<double>(params.img_scale.width) / size.width);
  const Size target = {whole_number(size.width * ratio), whole_number(size.height * ratio)};
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

// Upstream's canvas has the dtype of the sample's own image. Images differ in it if a step that
// converts to float32 ran for some of them only.
image::ImageExpr with_dtype(const image::ImageExpr& image, DType wanted) {
  if (image.dtype() == wanted) return image;
  if (wanted == DType::float32) return image::as_float(image);
  throw Error(ErrorKind::data, "the images of the mosaic are uint8 and float32")
      .help("put the step that converts to float32 behind the mosaic, or let it run always");
}

std::pmr::vector<Box> quarter_boxes(const Sample& sample, const Quarter& quarter, Arena& arena) {
  std::pmr::vector<Box> boxes(&arena);
  const auto ratio = static_cast<float>(quarter.ratio);
  for (const Box& box : sample.boxes) {
    boxes.push_back(moved(scaled(box, ratio, ratio), static_cast<float>(quarter.x),
                          static_cast<float>(quarter.y)));
  }
  return boxes;
}

Masks quarter_masks(const Sample& sample, const Quarter& quarter, Size canvas, Arena& arena) {
  Masks masks(sample.masks, arena);
  rescale(masks, quarter.ratio, arena);
  translate(masks, canvas, quarter.x, quarter.y, arena);
  return masks;
}

void check_mosaic(const Mosaic& params) {
  check_integral(params.pad_val, "pad_val");
  if (params.img_scale.width < 1 || params.img_scale.height < 1) {
    throw Error(ErrorKind::config, "img_scale must be at least 1 pixel");
  }
}

}  // namespace

void make_mosaic(const Mosaic& params, Sample& sample, const std::array<Sample, 3>& others,
                 RandomContext& random) {
  const Size canvas = {whole_number(std::int64_t{2} * params.img_scale.width),
                       whole_number(std::int64_t{2} * params.img_scale.height)};
  const auto random_centre = [&](int side) {
    const auto [low, high] = params.center_ratio_range;
    return std::clamp(whole_number(random.numpy.uniform(low, high) * side), -farthest_centre,
                      farthest_centre);
  };
  const int centre_x = random_centre(params.img_scale.width);
  const int centre_y = random_centre(params.img_scale.height);
  std::pmr::vector<image::Piece> pieces(sample.arena);
  Sample mosaic(*sample.arena);
  const bool has_masks = sample.fields.has(Field::masks);
  for (std::size_t i = 0; i < 4; ++i) {
    const Sample& part = i == 0 ? sample : others[i - 1];
    const Quarter quarter = quarter_of(params, part, i, centre_x, centre_y);
    if (auto piece = piece_of(quarter, canvas)) {
      piece->image = with_dtype(piece->image, sample.image.dtype());
      pieces.push_back(*piece);
    }
    add_objects(mosaic, part, quarter_boxes(part, quarter, *sample.arena));
    if (has_masks) append(mosaic.masks, quarter_masks(part, quarter, canvas, *sample.arena));
  }
  if (pieces.empty()) throw Error(ErrorKind::data, "no image covers a pixel of the mosaic");
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
  schema.summary("Combines four images around a random centre; only inside MultiImageMixDataset.")
      .optional("img_scale", &Mosaic::img_scale, "size of a quarter, pixels")
      .optional("center_ratio_range", &Mosaic::center_ratio_range,
                "range of the centre, as a multiple of img_scale")
      .optional("bbox_clip_border", &Mosaic::bbox_clip_border, "clip boxes to the result")
      .optional("pad_val", &Mosaic::pad_val, "value where no image is", between(0, 255))
      .optional("prob", &Mosaic::prob, "probability of the mosaic", between(0, 1))
      .check(check_mosaic);
}

FieldUse fields(const Mosaic&) {
  const Fields objects = Field::boxes | Field::labels | Field::ignore_flags;
  return {.needs = objects | Field::image, .updates = objects | Field::image};
}

bool apply(const Mosaic& params, Sample& sample, RandomContext& random) {
  refuse_masks(sample, Mosaic::name);
  const std::uint32_t step = random.step();
  std::array<std::int64_t, 3> indices = {};
  for (std::int64_t& index : indices) index = random.numpy.randint(0, random.inner_size());
  const auto other = [&](std::size_t i) { return random.inner_sample(indices[i]); };
  Sample first = other(0);
  Sample second = other(1);
  const std::array<Sample, 3> others = {std::move(first), std::move(second), other(2)};
  random.resume(step);
  if (random.numpy.uniform(0.0, 1.0) > params.prob) return true;
  make_mosaic(params, sample, others, random);
  return true;
}

Bound bound(const Mosaic& params, const Bound& images) {
  const ImageBound mosaic =
      bound_of(std::int64_t{2} * params.img_scale.width, std::int64_t{2} * params.img_scale.height);
  return params.prob < 1.0 ? either(mosaic, images) : mosaic;
}

}  // namespace pinfeed
