// SPDX-License-Identifier: Apache-2.0
// Whether the ranks of a run have started with the same program and the same settings.
#pragma once

#include <string>
#include <vector>

#include "pinfeed/config/value/value.h"
#include "pinfeed/train/distributed/process_group.h"

namespace pinfeed {

/// What must be the same on all ranks.
struct Start {
  std::string version = {};               // of the program
  std::vector<std::string> choices = {};  // what else decides the run: "seed 1"
  std::string config = {};                // the whole config as text
};

/// The version of this program and of its torch.
std::string version_of_program();

/// The lines of a start, for different_start().
std::string text_of(const Start& start);

/// The first line in which a rank differs from rank 0: "rank 1 has 'seed 2' where rank 0 has 'seed
/// 1'". `starts` are the texts of the ranks by rank. Empty when all are equal.
std::string different_start(const std::vector<std::string>& starts);

/// Throws Error(config) on every rank when one of them has another config, other `choices`, or
/// another version of pinfeed or torch than rank 0.
void require_same_start(ProcessGroup& group, const std::vector<std::string>& choices,
                        const Value& config);

}  // namespace pinfeed
