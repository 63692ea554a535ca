// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/config/read.h"
#include "pinfeed/data/catalogs.h"

namespace pinfeed::cli {

/// The verdict on one key of a config.
struct Finding {
  std::string section = {};   // "train_dataloader"
  std::string key = {};       // its path: "train_dataloader.dataset.pipeline[2].scale"
  std::string verdict = {};   // "used", "accepted: why", "variable", or "not supported: why"
  std::string location = {};  // file:line

  bool supported() const { return !verdict.starts_with("not supported"); }
};

/// One verdict on every key of every section, in the order of the config; then errors that name no
/// key of it. Reads everything that needs no data and no model weights. Throws no Error(config).
std::vector<Finding> check(const Config& config, const Catalogs& catalogs);

}  // namespace pinfeed::cli
