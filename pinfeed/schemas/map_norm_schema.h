// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/schemas/layer_schemas.h"

namespace pinfeed {

/// Batch normalisation of a feature map.
struct BN {
  static constexpr auto name = "BN";
  double eps = 1e-5;
  double momentum = 0.1;
  bool requires_grad = true;  // False: weight and bias are not trained
};
void describe(Schema<BN>& schema);

/// Batch normalisation over the batches of all processes; with one process it is BN.
struct SyncBN : BN {
  static constexpr auto name = "SyncBN";
};
void describe(Schema<SyncBN>& schema);

/// The normalisations of feature maps between convolutions.
using MapNormCfg = OneOf<BN, SyncBN, GN>;

/// The BN of a norm_cfg that is BN or SyncBN; null for GN.
const BN* batch_norm_of(const MapNormCfg& norm);

}  // namespace pinfeed
