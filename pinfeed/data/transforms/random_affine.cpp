// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.14.
#include "pinfeed/data/transforms/random_affine.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pinfeed/data/boxes.h"
#include "pinfeed/data/transforms/mosaic.h"
#include "pinfeed/data/transforms/objects.h"

namespace pinfeed {
namespace {

using Matrix = std::array<float, 9>;  // row-major

double radians(double degrees) { return degrees * (std::numbers::pi / 180.0); }

// Fused multiply-add in order, as the BLAS behind numpy does.
Matrix product(const Matrix& a, const Matrix& b) {
  Matrix made = {};
  for (std::size_t row = 0; row < 3; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      float sum = 0.0F;
      for (std::size_t k = 0; k < 3; ++k) {
        sum = std::fma(a[3 * row + k], b[3 * k + column], sum);
      }
      made[3 * row + column] = sum;
    }
  }
  return made;
}

Matrix random_matrix(const RandomAffine& params, Size result, RandomContext& random) {
  const auto within = [&random](double limit) { return random.numpy.uniform(-limit, limit); };
  const double angle = radians(within(params.max_rotate_degree));
  const auto cosine = static_cast<float>(std::cos(angle));
  const auto sine = static_cast<float>(std::sin(angle));
  const Matrix rotation = {cosine, -sine, 0, sine, cosine, 0, 0, 0, 1};
  const auto scale = static_cast<float>(
      random.numpy.uniform(params.scaling_ratio_range[0], params.scaling_ratio_range[1]));
  const Matrix scaling = {scale, 0, 0, 0, scale, 0, 0, 0, 1};
  const auto shear_x = static_cast<float>(std::tan(radians(within(params.max_shear_degree))));
  const auto shear_y = static_cast<float>(std::tan(radians(within(params.max_shear_degree))));
  const Matrix shear = {1, shear_x, 0, shear_y, 1, 0, 0, 0, 1};
  const auto x = static_cast<float>(within(params.max_translate_ratio) * result.width);
  const auto y = static_cast<float>(within(params.max_translate_ratio) * result.height);
  const Matrix translation = {1, 0, x, 0, 1, y, 0, 0, 1};
  return product(product(product(translation, shear), rotation), scaling);
}

// The box around the four moved corners. Upstream uses torch here, which rounds each product.
Box projected(const Box& box, const Matrix& m) {
  const std::array<std::array<float, 2>, 4> corners = {
      {{box.x1, box.y1}, {box.x2, box.y1}, {box.x1, box.y2}, {box.x2, box.y2}}};
  Box around;
  for (std::size_t i = 0; i < corners.size(); ++i) {
    const float x = corners[i][0];
    const float y = corners[i][1];
    const auto at = [&](std::size_t row) { return m[row] * x + m[row + 1] * y + m[row + 2]; };
    const float depth = at(6);
    const float moved_x = at(0) / depth;
    const float moved_y = at(3) / depth;
    if (i == 0) around = {moved_x, moved_y, moved_x, moved_y};
    around = {std::min(around.x1, moved_x), std::min(around.y1, moved_y),
              std::max(around.x2, moved_x), std::max(around.y2, moved_y)};
  }
  return around;
}

void check(const RandomAffine& params) {
  const auto [low, high] = params.scaling_ratio_range;
  if (low > 0.0 && low <= high) return;
  throw Error(ErrorKind::config, "scaling_ratio_range must be (min, max) with 0 < min <= max");
}

}  // namespace

void describe(Schema<RandomAffine>& schema) {
  schema.summary("Rotates, scales, shears and translates the image and its boxes.")
      .optional("max_rotate_degree", &RandomAffine::max_rotate_degree, "largest rotation, degrees",
                at_least(0))
      .optional("max_translate_ratio", &RandomAffine::max_translate_ratio,
                "largest translation, as a fraction of the result", between(0, 1))
      .optional("scaling_ratio_range", &RandomAffine::scaling_ratio_range,
                "smallest and largest scale")
      .optional("max_shear_degree", &RandomAffine::max_shear_degree, "largest shear, degrees",
                at_least(0))
      .optional("border", &RandomAffine::border,
                "added on each side of the result, (w, h), pixels; negative crops")
      .optional("border_val", &RandomAffine::border_val, "value where the image does not reach")
      .optional("bbox_clip_border", &RandomAffine::bbox_clip_border, "clip boxes to the result")
      .check(check);
}

FieldUse fields(const RandomAffine&) { return fields(Mosaic{}); }

bool apply(const RandomAffine& params, Sample& sample, RandomContext& random) {
  refuse_masks(sample, RandomAffine::name);
  const Size before = sample.image.size();
  const auto extended = [](int side, int border) {
    return whole_number(side + 2 * std::int64_t{border});
  };
  const Size after = {extended(before.width, params.border[0]),
                      extended(before.height, params.border[1])};
  if (after.width < 1 || after.height < 1) {
    throw Error(ErrorKind::data, "border leaves no pixel of an image of " + to_string(before));
  }
  const Matrix matrix = random_matrix(params, after, random);
  std::array<double, 9> doubles;
  std::copy(matrix.begin(), matrix.end(), doubles.begin());
  sample.image = image::warped(sample.image, doubles, after, params.border_val);
  sample.img_shape = after;
  for (Box& box : sample.boxes) box = projected(box, matrix);
  keep_inside(sample, after, params.bbox_clip_border);
  return true;
}

Bound bound(const RandomAffine& params, const Bound& images) {
  if (!images) return std::nullopt;
  const std::int64_t width = images->width + 2 * std::int64_t{params.border[0]};
  const std::int64_t height = images->height + 2 * std::int64_t{params.border[1]};
  return bound_of(std::max<std::int64_t>(width, 1), std::max<std::int64_t>(height, 1));
}

}  // namespace pinfeed
