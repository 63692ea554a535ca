// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Runs a pipeline with probability `prob`.
struct RandomApply {
  static constexpr auto name = "RandomApply";

  ConfigPart transforms = {};  // a step or a list of steps
  double prob = 0.5;
};
void describe(Schema<RandomApply>& schema);
Transform make(const RandomApply& params, const BuildContext& context);

}  // namespace pinfeed
