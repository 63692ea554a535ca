// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/config/read.h"
#include "pinfeed/data/catalogs.h"

namespace pinfeed::cli {

/// What becomes of one key of a config.
struct Finding {
  std::string section = {};  // "train_dataloader"
  std::string key = {};      // its path: "train_dataloader.dataset.pipeline[2].scale"
  std::string verdict = {};  // "used", "accepted", "variable", or "not supported: " and the reason
  std::string span = {};     // file:line

  bool supported() const { return !verdict.starts_with("not supported"); }
};

/// Every key of every section, in the order of the config; then what building the parts that need
/// no data objects to. Throws nothing of the kind config.
std::vector<Finding> check(const Config& config, const Catalogs& catalogs);

}  // namespace pinfeed::cli
