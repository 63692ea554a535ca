// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmpretrain/datasets/imagenet.py, ImageNet.
#include "pinfeed/data/datasets/imagenet.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace pinfeed {
namespace {

// Upstream's class stops here. Labels are not used in pre-training, so a model that uses them
// checks the number (check_class_counts).
void warn_of_other_classes(Dataset& dataset, const ImageFolderKeys& params) {
  constexpr std::size_t imagenet_classes = 1000;
  const std::size_t count = dataset.metainfo.classes.size();
  const bool by_folder = params.with_label && params.ann_file.empty();
  if (!by_folder || count == imagenet_classes) return;
  dataset.warnings.push_back(prefix_of(params) + " has " + std::to_string(count) +
                             " sub-folders, ImageNet has " + std::to_string(imagenet_classes) +
                             ": labels are the positions of these sub-folders");
}

}  // namespace

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
  Dataset dataset = make_image_folder(folder, ImageNet::name, context);
  warn_of_other_classes(dataset, folder);
  return dataset;
}

}  // namespace pinfeed
