// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/path_prefix.h"

namespace pinfeed {

/// Records in OpenMMLab's own format: a JSON file with 'metainfo' and 'data_list'.
struct BaseDataset : PathRecordKeys {
  static constexpr auto name = "BaseDataset";
};
void describe(Schema<BaseDataset>& schema);
Dataset make(const BaseDataset& params, const BuildContext& context);

/// The same under another name, for data sets that derive from BaseDataset.
Dataset make_base_dataset(const BaseDataset& params, const std::string& name,
                          const BuildContext& context);

}  // namespace pinfeed
