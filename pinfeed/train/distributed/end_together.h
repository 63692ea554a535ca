// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/train/distributed/process_group.h"

namespace pinfeed {

/// All ranks have found the same reason to end: waits until each of them has, so that none loses
/// another while it looks. All ranks call it. Never throws.
void end_together(ProcessGroup& group) noexcept;

}  // namespace pinfeed
