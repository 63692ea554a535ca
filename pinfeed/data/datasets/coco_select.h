// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/data/datasets/annotation_store.h"

namespace pinfeed {

/// What a config selects from a COCO file (docs/specs/openmmlab-data.md, 2.3).
struct CocoSelection {
  std::string image_prefix = {};
  /// Whether a category of this name is selected. Labels follow the file's order of categories.
  std::function<bool(const std::string&)> wants = {};
  bool filter = false;  // false for test sets and without filter_cfg: all images are selected
  bool filter_empty_gt = false;
  int min_size = 0;  // of the shorter side, pixels
};

struct CocoRecords {
  AnnotationStore store = {};
  std::vector<CocoCategory> categories = {};  // the selected ones; a label is an index into it
  std::vector<std::string> warnings = {};
};

/// Selects records by upstream's rules: objects that are ignored, outside the image, smaller than
/// a pixel or of an unselected category are left out; crowds are included and marked as ignored.
CocoRecords select_records(const CocoFile& file, const CocoSelection& selection);

}  // namespace pinfeed
