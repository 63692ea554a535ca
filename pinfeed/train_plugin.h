// SPDX-License-Identifier: Apache-2.0
// For plugins with hooks or models, which need torch: they are linked with pinfeed::train. See
// examples/train_plugin.
#pragma once

#include "pinfeed/models/detector.h"    // IWYU pragma: export
#include "pinfeed/plugin.h"             // IWYU pragma: export
#include "pinfeed/train/loop/runner.h"  // IWYU pragma: export
