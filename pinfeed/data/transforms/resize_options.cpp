// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/transforms/resize_options.h"

namespace pinfeed {

void describe(Schema<ResizeOptions>& schema) {
  schema.optional("keep_ratio", &ResizeOptions::keep_ratio, "keep the image's aspect ratio")
      .optional("clip_object_border", &ResizeOptions::clip_object_border,
                "clip boxes to the resized image")
      .optional("backend", &ResizeOptions::backend, "the library whose pixels are reproduced")
      .optional("interpolation", &ResizeOptions::interpolation, "how pixels are interpolated")
      .check([](const ResizeOptions& params) {
        check_interpolation(params.backend, params.interpolation);
      });
}

void describe(Schema<ResizeByTypeOptions>& schema) {
  schema
      .optional("resize_type", &ResizeByTypeOptions::resize_type,
                "the transform that does the resizing")
      .include<ResizeOptions>();
}

}  // namespace pinfeed
