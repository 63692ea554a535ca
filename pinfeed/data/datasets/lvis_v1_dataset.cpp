// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.3, 6.10.
#include "pinfeed/data/datasets/lvis_v1_dataset.h"

#include "pinfeed/annotations/lvis_file.h"

namespace pinfeed {

void describe(Schema<LVISV1Dataset>& schema) {
  schema.summary("Images and objects of an LVIS v1 file, with every category of the file.")
      .include<CocoDataset>()
      .meaning("ann_file", "LVIS annotations, below data_root")
      .meaning("metainfo", "the classes are the categories of the file, as upstream")
      .meaning("data_prefix", "dict(img='folder that has train2017 and val2017')");
}

Dataset make(const LVISV1Dataset& params, const BuildContext& context) {
  CocoDataset with_classes = params;
  if (!params.ann_file.empty()) {
    List classes;
    for (std::string& name : read_category_names(join_path(params.data_root, params.ann_file)))
      classes.items.emplace_back(std::move(name));
    if (!with_classes.metainfo) with_classes.metainfo.emplace(Dict{});
    with_classes.metainfo->dict().set("classes", std::move(classes));
  }
  return with_pipeline(make_coco_dataset(with_classes, LVISV1Dataset::name, context), with_classes,
                       Field::path | Field::instances, context);
}

}  // namespace pinfeed
