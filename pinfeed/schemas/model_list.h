// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "pinfeed/config/schema.h"
#include "pinfeed/schemas/detector_schema.h"
#include "pinfeed/schemas/mae_schema.h"

namespace pinfeed {

/// Models and their parts, in the order `pinfeed list` shows them. Needs no torch.
std::vector<PartDoc> model_docs();

}  // namespace pinfeed
