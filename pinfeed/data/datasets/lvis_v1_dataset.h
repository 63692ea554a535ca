// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/coco_dataset.h"

namespace pinfeed {

/// Images and objects of an LVIS v1 file: CocoDataset with every category of the file, whatever the
/// classes of the config, which is warned of. File names are the paths in 'coco_url':
/// "val2017/000000397133.jpg".
struct LVISV1Dataset : CocoDataset {
  static constexpr auto name = "LVISV1Dataset";
};
void describe(Schema<LVISV1Dataset>& schema);
Dataset make(const LVISV1Dataset& params, const BuildContext& context);

}  // namespace pinfeed
