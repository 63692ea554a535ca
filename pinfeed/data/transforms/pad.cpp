// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.7.
#include "pinfeed/data/transforms/pad.h"

#include <algorithm>

#include "pinfeed/core/round_up.h"
#include "pinfeed/data/transforms/pad_value.h"

namespace pinfeed {

namespace {

Size padded_size(const Pad& params, Size image) {
  Size size = params.size.value_or(image);
  if (params.pad_to_square) size.width = size.height = std::max(image.width, image.height);
  if (params.size_divisor) {
    const std::int64_t unit = *params.size_divisor;
    size = {whole_number(rounded_up(std::int64_t{size.width}, unit)),
            whole_number(rounded_up(std::int64_t{size.height}, unit))};
  }
  return {std::max(size.width, image.width), std::max(size.height, image.height)};
}

void check(const Pad& params) {
  if (params.size && (params.pad_to_square || params.size_divisor)) {
    throw Error(ErrorKind::config, "Pad takes one of 'size', 'size_divisor', 'pad_to_square'")
        .help("pad_to_square and size_divisor can be combined");
  }
  if (!params.size && !params.size_divisor && !params.pad_to_square) {
    throw Error(ErrorKind::config, "Pad needs the key 'size', 'size_divisor' or 'pad_to_square'");
  }
  if (params.size_divisor && *params.size_divisor < 1) {
    throw Error(ErrorKind::config, "size_divisor is " + std::to_string(*params.size_divisor) +
                                       "; it must be at least 1");
  }
}

image::ImageExpr padded(const Pad& params, const image::ImageExpr& image, Size size) {
  switch (params.padding_mode) {
    case PaddingMode::edge: return image::extended(image, size, image::Border::edge);
    case PaddingMode::reflect: return image::extended(image, size, image::Border::reflect);
    case PaddingMode::symmetric: return image::extended(image, size, image::Border::symmetric);
    default: return image::padded(image, size, params.pad_val.img);
  }
}

}  // namespace

void describe(Schema<Pad>& schema) {
  schema.summary("Pads the image at the right and the bottom; never crops.")
      .optional("size", &Pad::size, "smallest size of the result, (w, h), pixels")
      .optional("size_divisor", &Pad::size_divisor, "pad each side to a multiple of it")
      .optional("pad_to_square", &Pad::pad_to_square, "pad both sides to the longer one")
      .optional("pad_val", &Pad::pad_val, "padding value, before normalisation")
      .optional("padding_mode", &Pad::padding_mode,
                "pad_val, the edge repeated, or mirrored pixels; masks are padded with pad_val")
      .check(check);
}

FieldUse fields(const Pad&) {
  return {.needs = Field::image, .updates = Field::image | Field::masks};
}

bool apply(const Pad& params, Sample& sample, RandomContext&) {
  const Size size = padded_size(params, sample.image.size());
  sample.image = padded(params, sample.image, size);
  if (sample.fields.has(Field::masks)) pad(sample.masks, size, params.pad_val.masks);
  sample.img_shape = size;  // the padded size, as upstream
  return true;
}

Bound bound(const Pad& params, const Bound& images) {
  if (!images) return std::nullopt;
  ImageBound padded = *images;
  if (params.size) {
    padded = bound_of(std::max<std::int64_t>(padded.width, params.size->width),
                      std::max<std::int64_t>(padded.height, params.size->height));
  }
  if (params.pad_to_square) {
    const std::int64_t side = std::max(padded.width, padded.height);
    padded = bound_of(side, side);
  }
  if (!params.size_divisor) return padded;
  const std::int64_t more = *params.size_divisor - 1;  // at most, per side
  const std::int64_t pixels = padded.pixels + more * (padded.width + padded.height) + more * more;
  padded = bound_of(rounded_up(padded.width, *params.size_divisor),
                    rounded_up(padded.height, *params.size_divisor));
  padded.pixels = std::min(padded.pixels, pixels);
  return padded;
}

}  // namespace pinfeed
