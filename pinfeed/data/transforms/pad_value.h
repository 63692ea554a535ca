// SPDX-License-Identifier: Apache-2.0
// The padding values of a config (docs/specs/openmmlab-data.md, 4.7).
#pragma once

#include <array>

#include "pinfeed/config/convert.h"

namespace pinfeed {

/// The padding values of the image, one per channel, and of masks.
struct PadValue {
  std::array<double, 3> img = {};
  double masks = 0.0;
};

// An int, or the value of 'img' in a dictionary: an int applies to all channels, a float to the
// first one only (as OpenCV takes a scalar), a tuple has one number per channel.
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

}  // namespace pinfeed
