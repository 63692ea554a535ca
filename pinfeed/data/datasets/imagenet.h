// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/custom_dataset.h"

namespace pinfeed {

/// CustomDataset with the folders of ImageNet.
struct ImageNet : CustomDataset {
  static constexpr auto name = "ImageNet";

  std::string split = {};  // 'train', 'val', 'test': the folder, and its list in meta/
};
void describe(Schema<ImageNet>& schema);
Dataset make(const ImageNet& params, const BuildContext& context);

}  // namespace pinfeed
