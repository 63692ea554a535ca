// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/option_names.h"

namespace pinfeed {

/// Loads boxes, labels, ignore flags and masks from the record. Boxes become float32.
struct LoadAnnotations {
  static constexpr auto name = "LoadAnnotations";

  bool with_bbox = true;
  bool with_label = true;
  bool with_mask = false;
  bool poly2mask = true;  // masks are bitmaps, otherwise polygons
  std::optional<BoxType> box_type = BoxType::hbox;
  LocalFiles backend_args = {};
  LocalFileClient file_client_args = {};
};
void describe(Schema<LoadAnnotations>& schema);
FieldUse fields(const LoadAnnotations& params);
bool apply(const LoadAnnotations& params, Sample& sample, RandomContext& random);

}  // namespace pinfeed
