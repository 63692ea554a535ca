// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/option_names.h"

namespace pinfeed {

/// Reads the header of the record's image. The pixels (B, G, R, uint8) are decoded when the batch
/// is rendered.
struct LoadImageFromFile {
  static constexpr auto name = "LoadImageFromFile";

  bool to_float32 = false;
  ColorType color_type = ColorType::color;
  Decoder imdecode_backend = Decoder::cv2;
  bool ignore_empty = false;  // drop the sample if the file is missing or empty
  LocalFiles backend_args = {};
  LocalFileClient file_client_args = {};
  bool allow_truncated = false;  // pinfeed's own: use the rows that a truncated JPEG has
  std::int64_t max_pixels = image::default_max_pixels;  // pinfeed's own
};
void describe(Schema<LoadImageFromFile>& schema);
FieldUse fields(const LoadImageFromFile& params);
bool apply(const LoadImageFromFile& params, Sample& sample, RandomContext& random);
/// With the cache of the context, in which it looks the image up first.
Transform make(const LoadImageFromFile& params, const BuildContext& context);

}  // namespace pinfeed
