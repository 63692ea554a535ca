// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/models/model.h"

namespace pinfeed {

/// Throws Error(config) for a batch without a data sample for each image.
void require_samples(const ModelInput& input);
/// Throws Error(config) for data samples without boxes and labels.
void require_truth(const ModelInput& input);

}  // namespace pinfeed
