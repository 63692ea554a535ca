// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/image_folder.h"

namespace pinfeed {

/// The images of a folder of ImageNet.
struct ImageNet : ImageFolderKeys {
  static constexpr auto name = "ImageNet";

  std::string split = {};  // 'train', 'val' or 'test': the folder, and its list meta/SPLIT.txt
};
void describe(Schema<ImageNet>& schema);
Dataset make(const ImageNet& params, const BuildContext& context);

}  // namespace pinfeed
