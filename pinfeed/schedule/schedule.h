// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/config/value.h"

namespace pinfeed {

/// The scheduled values of one group of parameters.
struct GroupValues {
  double lr = 0.0;
  std::optional<double> momentum = {};  // SGD's momentum, or betas[0] of the Adam family
  std::optional<double> weight_decay = {};
};

/// The parameter schedulers of a run over the groups of an optimizer, with OpenMMLab's recursions bit
/// for bit (specs runtime 1). Construction performs step 0. One thread.
class Schedule;

}  // namespace pinfeed
