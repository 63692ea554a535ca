// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/train/entry_points.h"

namespace pinfeed {

/// `pinfeed predict`: detects objects in image files with the pipeline of the config's
/// test_dataloader, or else its val_dataloader. Throws Error(config), Error(data).
PredictReport predict_images(const PredictArguments& arguments);

}  // namespace pinfeed
