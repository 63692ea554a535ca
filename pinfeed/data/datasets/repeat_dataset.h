// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// A data set repeated several times in each epoch.
struct RepeatDataset {
  static constexpr auto name = "RepeatDataset";

  ConfigPart dataset = {};
  std::int64_t times = 1;  // at least 0
};
void describe(Schema<RepeatDataset>& schema);
Dataset make(const RepeatDataset& params, const BuildContext& context);

}  // namespace pinfeed
