// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Several data sets, concatenated.
struct ConcatDataset {
  static constexpr auto name = "ConcatDataset";

  std::vector<ConfigPart> datasets = {};
};
void describe(Schema<ConcatDataset>& schema);
Dataset make(const ConcatDataset& params, const BuildContext& context);

}  // namespace pinfeed
