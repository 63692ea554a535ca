// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/image_folder.h"

namespace pinfeed {

/// The images below a folder, or those that a text file lists, for pre-training and
/// classification.
struct CustomDataset : ImageFolderKeys {
  static constexpr auto name = "CustomDataset";
};
void describe(Schema<CustomDataset>& schema);
Dataset make(const CustomDataset& params, const BuildContext& context);

}  // namespace pinfeed
