// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/base_dataset.h"

namespace pinfeed {

/// The images below a folder, or those that a text file lists, for pre-training and
/// classification.
struct CustomDataset : BaseDataset {
  static constexpr auto name = "CustomDataset";

  bool with_label = true;  // by sub-folder, or the last word of a line
  std::vector<std::string> extensions = {".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif"};
  std::optional<std::variant<std::string, std::vector<std::string>>> classes = {};
};
void describe(Schema<CustomDataset>& schema);
Dataset make(const CustomDataset& params, const BuildContext& context);

}  // namespace pinfeed
