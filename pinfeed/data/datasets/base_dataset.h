// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/records.h"

namespace pinfeed {

/// 'data_prefix' of data sets whose records hold 'img_path'.
struct PathPrefix {
  static constexpr auto name = "data_prefix";
  std::string img_path = {};
};
void describe(Schema<PathPrefix>& schema);

/// Records in OpenMMLab's own format: a JSON file of 'metainfo' and 'data_list'.
struct BaseDataset : RecordKeys {
  static constexpr auto name = "BaseDataset";

  std::variant<PathPrefix, std::string> data_prefix = {};
};
void describe(Schema<BaseDataset>& schema);
Dataset make(const BaseDataset& params, const BuildContext& context);

}  // namespace pinfeed
