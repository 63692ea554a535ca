// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/base_dataset.h"

namespace pinfeed {

/// BaseDataset with the keys of mmdet's data sets.
struct BaseDetDataset : BaseDataset, DetectionKeys {
  static constexpr auto name = "BaseDetDataset";
};
void describe(Schema<BaseDetDataset>& schema);
Dataset make(const BaseDetDataset& params, const BuildContext& context);

}  // namespace pinfeed
