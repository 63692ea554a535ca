// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Packs the sample for detectors: 'inputs' is the image, 'data_samples' a DetDataSample with
/// instances and metadata.
struct PackDetInputs {
  static constexpr auto name = "PackDetInputs";

  std::vector<std::string> meta_keys = {"img_id",       "img_path", "ori_shape",     "img_shape",
                                        "scale_factor", "flip",     "flip_direction"};
};
void describe(Schema<PackDetInputs>& schema);
FieldUse fields(const PackDetInputs& params);
bool apply(const PackDetInputs& params, Sample& sample, RandomContext& random);

}  // namespace pinfeed
