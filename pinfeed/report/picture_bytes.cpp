// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/report/picture_bytes.h"

#include <algorithm>
#include <cmath>

#include "pinfeed/core/arena.h"
#include "pinfeed/image/codec/encode.h"
#include "pinfeed/image/expression/image_expr.h"
#include "pinfeed/image/expression/render.h"

namespace pinfeed {
namespace {

constexpr int picture_quality = 82;

}  // namespace

std::string small_jpeg(const image::Image& image, int longest_side) {
  const int longest = std::max(image.width(), image.height());
  if (longest <= longest_side) return image::encode_jpeg(image, picture_quality);
  const double scale = static_cast<double>(longest_side) / longest;
  const auto scaled = [scale](int side) {
    return std::max(1, static_cast<int>(std::lround(side * scale)));
  };
  Arena arena;
  const image::ImageExpr small =
      image::resized(image::plain(image.view(), arena),
                     {scaled(image.width()), scaled(image.height())}, image::Interpolation::area);
  return image::encode_jpeg(image::render(small), picture_quality);
}

}  // namespace pinfeed
