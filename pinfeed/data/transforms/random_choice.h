// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Runs one of several pipelines, chosen at random.
struct RandomChoice {
  static constexpr auto name = "RandomChoice";

  ConfigSteps transforms = {};  // each a step or a list of steps
  std::optional<std::vector<double>> prob = {};
};
void describe(Schema<RandomChoice>& schema);
Transform make(const RandomChoice& params, const BuildContext& context);

}  // namespace pinfeed
