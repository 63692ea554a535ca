// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/datasets/xml_dataset.h"

namespace pinfeed {

/// XMLDataset whose default classes are the 20 of PASCAL VOC.
struct VOCDataset : XMLDataset {
  static constexpr auto name = "VOCDataset";
};
void describe(Schema<VOCDataset>& schema);
Dataset make(const VOCDataset& params, const BuildContext& context);

}  // namespace pinfeed
