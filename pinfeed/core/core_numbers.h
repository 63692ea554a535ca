// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

namespace pinfeed {

/// The numbers of the CPUs in the affinity mask of this process, ascending; all of the machine if
/// the system does not tell.
std::vector<int> core_numbers();

}  // namespace pinfeed
