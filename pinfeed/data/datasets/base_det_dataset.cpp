// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.1.
#include "pinfeed/data/datasets/base_det_dataset.h"

namespace pinfeed {

void describe(Schema<BaseDetDataset>& schema) {
  schema.summary("BaseDataset for detectors.").include<BaseDataset>().include<DetectionKeys>();
}

Dataset make(const BaseDetDataset& params, const BuildContext& context) {
  return make_base_dataset(params, BaseDetDataset::name, context);
}

}  // namespace pinfeed
