// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/datasets/records.h"

namespace pinfeed {

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
