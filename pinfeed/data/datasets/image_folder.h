// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pinfeed/data/datasets/path_prefix.h"

namespace pinfeed {

/// The keys of data sets of images in folders, one label for each image.
struct ImageFolderKeys : PathRecordKeys {
  bool with_label = true;  // the sub-folder, or the last word of a line of ann_file
  std::vector<std::string> extensions = {".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif"};
  std::optional<std::variant<std::string, std::vector<std::string>>> classes = {};
};
void describe(Schema<ImageFolderKeys>& schema);

/// The images that ann_file lists, or without one those below the folder, sorted by path. Throws
/// Error(data) for a folder that cannot be read or has no images, and for a line without a label.
Dataset make_image_folder(const ImageFolderKeys& params, const std::string& name,
                          const BuildContext& context);

}  // namespace pinfeed
