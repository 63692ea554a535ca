// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Removes objects that are too small, and drops samples that lose all their boxes.
struct FilterAnnotations {
  static constexpr auto name = "FilterAnnotations";

  std::array<double, 2> min_gt_bbox_wh = {1.0, 1.0};  // pixels; both sides must be larger
  double min_gt_mask_area = 1.0;                      // pixels
  bool by_box = true;
  bool by_mask = false;
  bool keep_empty = true;  // as upstream: true drops samples without boxes
};
void describe(Schema<FilterAnnotations>& schema);
FieldUse fields(const FilterAnnotations& params);
bool apply(const FilterAnnotations& params, Sample& sample, RandomContext& random);

}  // namespace pinfeed
