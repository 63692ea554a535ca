// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/records.h"

namespace pinfeed {

/// 'data_prefix': folders below data_root.
struct CocoPrefix {
  static constexpr auto name = "data_prefix";
  std::string img = {};
};
void describe(Schema<CocoPrefix>& schema);

/// 'filter_cfg': which images training leaves out.
struct CocoFilter {
  static constexpr auto name = "filter_cfg";
  bool filter_empty_gt = false;  // those without any annotation of a selected category
  int min_size = 0;              // those whose shorter side is less, pixels
};
void describe(Schema<CocoFilter>& schema);

/// Images and boxes of a COCO annotation file. Labels follow the file's order of categories, not
/// the order of `classes`, as upstream's do.
struct CocoDataset : RecordKeys {
  static constexpr auto name = "CocoDataset";

  CocoPrefix data_prefix = {};
  std::optional<CocoFilter> filter_cfg = {};
};
void describe(Schema<CocoDataset>& schema);
Dataset make(const CocoDataset& params, const BuildContext& context);

/// The keys of CocoDataset, for a data set that has them among its own.
template <class T>
void describe_coco(Schema<T>& schema) {
  describe_records(schema, "COCO annotations, below data_root",
                   "dict(classes=('name', ...)): the categories to use; COCO's 80 when absent");
  schema
      .required("data_prefix", own<T>(&CocoDataset::data_prefix),
                "dict(img='folder of the images')")
      .optional("filter_cfg", own<T>(&CocoDataset::filter_cfg), "which images training leaves out");
  describe_detection(schema);
}

/// Everything of the data set but its pipeline.
Dataset make_coco(const CocoDataset& params, const std::string& name, const BuildContext& context);

}  // namespace pinfeed
