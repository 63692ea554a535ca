// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/records.h"

namespace pinfeed {

/// 'data_prefix' of CocoDataset.
struct CocoPrefix {
  static constexpr auto name = "data_prefix";
  std::string img = {};  // folder of the images, below data_root
};
void describe(Schema<CocoPrefix>& schema);

/// 'filter_cfg' of CocoDataset: the images that training leaves out.
struct CocoFilter {
  static constexpr auto name = "filter_cfg";
  bool filter_empty_gt = false;  // images without any annotation of a selected category
  int min_size = 0;              // images with a shorter side below it, pixels
};
void describe(Schema<CocoFilter>& schema);

/// Images and boxes of a COCO annotation file. Labels follow the file's order of categories, not
/// the order of `classes`, as they do upstream.
struct CocoDataset : RecordKeys, DetectionKeys {
  static constexpr auto name = "CocoDataset";

  CocoPrefix data_prefix = {};
  std::optional<CocoFilter> filter_cfg = {};
};
void describe(Schema<CocoDataset>& schema);
Dataset make(const CocoDataset& params, const BuildContext& context);

/// The data set under this name and without its pipeline, for data sets that derive from
/// CocoDataset. `names` is the key of the images' file names in the annotation file.
Dataset make_coco_dataset(const CocoDataset& params, const std::string& name,
                          const BuildContext& context, NameKey names = NameKey::file_name);

}  // namespace pinfeed
