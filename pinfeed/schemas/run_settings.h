// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pinfeed/schedule/train_loop.h"
#include "pinfeed/schemas/hook_schemas.h"
#include "pinfeed/schemas/layer_schemas.h"
#include "pinfeed/schemas/optimizer_schema.h"
#include "pinfeed/schemas/preprocessor_schema.h"

namespace pinfeed {

/// What a config says about a training run, without its data and model.
struct RunSettings {
  TrainLoop loop = {};
  Hooks hooks = {};
  OptimizerPlan optimizer = {};
  Preprocessing preprocessing = {};
  bool validation = false;
  std::optional<WrittenPath> load_from = {};
  bool resume = false;
  bool deterministic = false;
  std::string work_dir = {};  // the config's own, or ./work_dirs/<config name>
};

/// Reads and checks it all. Warnings are added to `warnings`. Throws Error(config).
RunSettings read_run_settings(const Value& config, const std::string& config_path,
                              std::vector<std::string>& warnings);

/// "work_dirs/demo" for "configs/demo.py".
std::string default_work_dir(const std::string& config_path);

}  // namespace pinfeed
