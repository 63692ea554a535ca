// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 4.7.
#include <algorithm>

#include "pinfeed/core/round_up.h"
#include "pinfeed/data/transforms.h"

namespace pinfeed {

// An int of its own, or what stands under 'img' of a dictionary: an int is for each channel, a
// float is for the first channel only (as OpenCV takes a scalar), a tuple has one for each.
template <>
struct Converter<PadValue> {
  static PadValue from(const Value& value, const std::string& path) {
    const bool per_field = value.is_dict();
    if (!per_field && !value.is_int()) throw wrong_type(value, path, wanted());
    if (!per_field) return channels(value, path);
    for (const std::string& key : value.dict().keys()) {
      if (key != "img" && key != "seg" && key != "masks") throw wrong_type(value, path, wanted());
    }
    const Value* img = value.find("img");
    PadValue read = img == nullptr ? PadValue{} : channels(*img, path + ".img");
    if (const Value* masks = value.find("masks"))
      read.masks = convert<double>(*masks, path + ".masks");
    return read;
  }
  static std::string wanted() {
    return "int, or dict(img=int or three numbers, seg=int, masks=int)";
  }
  static Value shown(const PadValue&) {
    Dict dict;
    dict.set("img", 0);
    dict.set("seg", 255);
    return dict;
  }

 private:
  static PadValue channels(const Value& value, const std::string& path) {
    if (value.is_float()) return {.img = {value.real(), 0.0, 0.0}};
    if (value.is_sequence()) return {.img = convert<std::array<double, 3>>(value, path)};
    const double number = convert<double>(value, path);
    return {.img = {number, number, number}};
  }
};

namespace {

Size target(const Pad& params, Size picture) {
  Size size = params.size.value_or(picture);
  if (params.pad_to_square) size.width = size.height = std::max(picture.width, picture.height);
  if (params.size_divisor) {
    size = {rounded_up(size.width, *params.size_divisor),
            rounded_up(size.height, *params.size_divisor)};
  }
  return {std::max(size.width, picture.width), std::max(size.height, picture.height)};
}

void check(const Pad& params) {
  if (params.size && (params.pad_to_square || params.size_divisor)) {
    throw Error(ErrorKind::config, "Pad takes one of 'size', 'size_divisor', 'pad_to_square'")
        .help("pad_to_square and size_divisor may go together");
  }
  if (!params.size && !params.size_divisor && !params.pad_to_square) {
    throw Error(ErrorKind::config, "Pad needs the key 'size', 'size_divisor' or 'pad_to_square'");
  }
  if (params.size_divisor && *params.size_divisor < 1) {
    throw Error(ErrorKind::config, "size_divisor is " + std::to_string(*params.size_divisor) +
                                       "; it must be at least 1");
  }
}

}  // namespace

void describe(Schema<Pad>& schema) {
  schema.summary("Adds pixels at the right and the bottom; a larger picture stays as it is.")
      .optional("size", &Pad::size, "the least size of the result, pixels")
      .optional("size_divisor", &Pad::size_divisor, "each side becomes a multiple of it")
      .optional("pad_to_square", &Pad::pad_to_square, "both sides become the longer one")
      .optional("pad_val", &Pad::pad_val, "what is written, before any normalisation")
      .optional("padding_mode", &Pad::padding_mode, "how the new pixels are made")
      .check(check);
}

FieldUse fields(const Pad&) {
  return {.needs = Field::image, .updates = Field::image | Field::masks};
}

bool apply(const Pad& params, Sample& sample, Draw&) {
  const Size size = target(params, sample.picture.size());
  require_reasonable(Pad::name, sample.picture.size(), size);
  sample.picture = image::padded(sample.picture, size, params.pad_val.img);
  if (sample.fields.has(Field::masks)) pad(sample.masks, size, params.pad_val.masks);
  sample.img_shape = size;  // upstream overwrites it with the padded size
  return true;
}

Bound bound(const Pad& params, const Bound& pictures) {
  if (!pictures) return std::nullopt;
  PictureBound padded = *pictures;
  if (params.size) {
    padded = bound_of(std::max<std::int64_t>(padded.width, params.size->width),
                      std::max<std::int64_t>(padded.height, params.size->height));
  }
  if (params.pad_to_square) {
    const std::int64_t side = std::max(padded.width, padded.height);
    padded = bound_of(side, side);
  }
  if (!params.size_divisor) return padded;
  const std::int64_t more = *params.size_divisor - 1;  // pixels at most, on either side
  const std::int64_t pixels = padded.pixels + more * (padded.width + padded.height) + more * more;
  padded = bound_of(rounded_up(padded.width, *params.size_divisor),
                    rounded_up(padded.height, *params.size_divisor));
  padded.pixels = std::min(padded.pixels, pixels);
  return padded;
}

}  // namespace pinfeed
