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
  const auto written = written_classes(params);  // checks metainfo
  CocoDataset with_classes = params;
  std::vector<std::string> names;
  if (!params.ann_file.empty())
    names = read_category_names(join_path(params.data_root, params.ann_file));
  List classes;
  for (const std::string& name : names) classes.items.emplace_back(name);
  if (!with_classes.metainfo) with_classes.metainfo.emplace(Dict{});
  with_classes.metainfo->dict().set("classes", std::move(classes));
  Dataset dataset =
      make_coco_dataset(with_classes, LVISV1Dataset::name, context, NameKey::coco_url);
  if (written && *written != names) {
    dataset.warnings.push_back("LVISV1Dataset uses every category of " + dataset.ann_file +
                               ": metainfo.classes selects none, as in OpenMMLab");
  }
  return with_pipeline(std::move(dataset), with_classes, Field::path | Field::instances, context);
}

}  // namespace pinfeed
