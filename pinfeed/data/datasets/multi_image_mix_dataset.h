// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// A data set whose steps may mix several samples, such as Mosaic and MixUp.
struct MultiImageMixDataset {
  static constexpr auto name = "MultiImageMixDataset";

  ConfigPart dataset = {};
  ConfigSteps pipeline = {};
  std::optional<std::vector<std::string>> skip_type_keys = {};
  int max_refetch = 15;
};
void describe(Schema<MultiImageMixDataset>& schema);
Dataset make(const MultiImageMixDataset& params, const BuildContext& context);

}  // namespace pinfeed
