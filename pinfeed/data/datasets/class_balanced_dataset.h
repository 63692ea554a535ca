// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// A data set in which images of rare classes occur several times in an epoch.
struct ClassBalancedDataset {
  static constexpr auto name = "ClassBalancedDataset";

  ConfigPart dataset = {};
  double oversample_thr = 1e-3;  // classes in a smaller fraction of the images are rare
};
void describe(Schema<ClassBalancedDataset>& schema);
Dataset make(const ClassBalancedDataset& params, const BuildContext& context);

}  // namespace pinfeed
