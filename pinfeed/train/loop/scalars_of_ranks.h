// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/train/distributed/process_group.h"
#include "pinfeed/train/logging/log_line.h"

namespace pinfeed {

/// The numbers of rank 0, to the bit.
Scalars broadcast(ProcessGroup& group, const Scalars& numbers);

/// The means over the ranks, which all have the same names. When a rank is lost, the numbers
/// themselves: the next operation of all ranks throws, between iterations, where the state is
/// complete.
Scalars mean_over_ranks(ProcessGroup& group, Scalars numbers);

}  // namespace pinfeed
