// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmpretrain/datasets/imagenet.py, ImageNet.
#include "pinfeed/data/datasets/imagenet.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace pinfeed {

void describe(Schema<ImageNet>& schema) {
  schema.summary("CustomDataset with the folders of ImageNet.")
      .include<ImageFolderKeys>()
      .optional("split", &ImageNet::split,
                "'train', 'val' or 'test': the folder, and meta/SPLIT.txt where that file exists")
      .check([](const ImageNet& params) {
        constexpr std::array<std::string_view, 4> splits = {"", "train", "val", "test"};
        if (std::find(splits.begin(), splits.end(), params.split) != splits.end()) return;
        throw Error(ErrorKind::config,
                    "split is '" + params.split + "'; it must be 'train', 'val' or 'test'");
      });
}

Dataset make(const ImageNet& params, const BuildContext& context) {
  ImageFolderKeys folder = params;
  if (params.split == "test") folder.with_label = false;
  if (!params.split.empty()) {
    if (prefix_of(params) == join_path(params.data_root, "")) folder.data_prefix = params.split;
    const std::string list = "meta/" + params.split + ".txt";
    std::error_code ignored;
    const bool exists = std::filesystem::exists(join_path(params.data_root, list), ignored);
    if (params.ann_file.empty() && exists) folder.ann_file = list;
  }
  return make_image_folder(folder, ImageNet::name, context);
}

}  // namespace pinfeed
