// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/config/read.h"

namespace pinfeed {

/// A value that another took the place of while bases were merged or options applied.
struct Override {
  std::string path = {};  // "optim_wrapper.optimizer.lr"
  Value before = {};      // with its place
};

/// As in merge.h and options.h, and what was overridden is added to `history`, in order.
Dict merged(Dict base, Dict child, std::vector<Override>& history);
void apply_options(Dict& root, const std::vector<std::string>& options,
                   std::vector<Override>& history);

/// Where the value of a key comes from, and what it overrode, as lines for people: `key` is a path
/// such as "train_dataloader.dataset.pipeline[2].scale" (".2." is the same). Throws Error(config)
/// when the config cannot be read or has no such key.
std::string explain(const std::string& config, const ReadOptions& options, const std::string& key);

}  // namespace pinfeed
