// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/option_names.h"

namespace pinfeed {

/// Names the image of the record and reads its header; the pixels come when the batch is
/// rendered.
struct LoadImageFromFile {
  static constexpr auto name = "LoadImageFromFile";

  bool to_float32 = false;
  ColorType color_type = ColorType::color;
  Decoder imdecode_backend = Decoder::cv2;
  bool ignore_empty = false;  // drop the sample of a missing or empty file
  LocalFiles backend_args = {};
  bool allow_truncated = false;                         // ours: a cut JPEG gives what it holds
  std::int64_t max_pixels = image::default_max_pixels;  // ours
};
void describe(Schema<LoadImageFromFile>& schema);
FieldUse fields(const LoadImageFromFile& params);
bool apply(const LoadImageFromFile& params, Sample& sample, RandomContext& random);

}  // namespace pinfeed
