// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmpretrain/datasets/custom.py, CustomDataset.
#include "pinfeed/data/datasets/custom_dataset.h"

namespace pinfeed {

void describe(Schema<CustomDataset>& schema) {
  schema.summary("The images below a folder, or those that a text file lists.")
      .include<ImageFolderKeys>()
      .check([](const CustomDataset& params) {
        if (!params.ann_file.empty() || !prefix_of(params).empty()) return;
        throw Error(ErrorKind::config, "one of data_root, data_prefix and ann_file must be given");
      });
}

Dataset make(const CustomDataset& params, const BuildContext& context) {
  return make_image_folder(params, CustomDataset::name, context);
}

}  // namespace pinfeed
