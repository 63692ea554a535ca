// SPDX-License-Identifier: Apache-2.0
// The ranks of a machine share its cores.
#pragma once

#include <string>
#include <vector>

#include "pinfeed/train/distributed/process_group.h"

namespace pinfeed {

/// What a rank may use of its machine.
struct UsableCores {
  std::string machine = {};       // one word, the same for all processes of a machine
  std::string group = {};         // one word, the same for all processes that share a CPU quota
  double quota = 0.0;             // CPUs of the control group; 0: no limit
  std::vector<int> numbers = {};  // of the cores in the affinity mask
};
/// Those of this process.
UsableCores own_usable_cores();

/// One line, and back.
std::string text_of(const UsableCores& cores);
UsableCores usable_cores_from(const std::string& text);

/// The threads that a rank should compute with: its part of the cores in its mask, each divided by
/// the ranks that may use it, and no more than its part of the quota. So ranks that the launcher
/// has bound to cores of their own use all of them. At least 1. `ranks` are those of all ranks.
int share_of_cores(const std::vector<UsableCores>& ranks, std::size_t rank);

/// That of this rank. All ranks call it.
int share_of_cores(ProcessGroup& group);

}  // namespace pinfeed
