// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Packs the sample for pre-training and classification: 'inputs' is the image, 'data_samples' a
/// DataSample with label and metadata.
struct PackInputs {
  static constexpr auto name = "PackInputs";

  std::string input_key = "img";
  std::vector<std::string> meta_keys = {"sample_idx",   "img_path", "ori_shape",     "img_shape",
                                        "scale_factor", "flip",     "flip_direction"};
};
void describe(Schema<PackInputs>& schema);
FieldUse fields(const PackInputs& params);
bool apply(const PackInputs& params, Sample& sample, RandomContext& random);

}  // namespace pinfeed
