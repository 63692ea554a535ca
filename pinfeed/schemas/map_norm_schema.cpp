// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/map_norm_schema.h"

namespace pinfeed {

void describe(Schema<BN>& schema) {
  schema.summary("Batch normalisation.")
      .optional("eps", &BN::eps, "added to the variance", at_least(0))
      .optional("momentum", &BN::momentum, "part of a batch in the running statistics",
                between(0, 1))
      .optional("requires_grad", &BN::requires_grad, "train weight and bias");
}

void describe(Schema<SyncBN>& schema) {
  schema.include<BN>().summary(
      "Batch normalisation over the batches of all processes; with one process it is BN.");
}

const BN* batch_norm_of(const MapNormCfg& norm) {
  if (const auto* synchronized = norm.as<SyncBN>()) return synchronized;
  return norm.as<BN>();
}

}  // namespace pinfeed
