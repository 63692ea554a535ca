// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/schedule/train_loop.h"
#include "pinfeed/schemas/config_note.h"
#include "pinfeed/schemas/distributed_schema.h"
#include "pinfeed/schemas/evaluator_list.h"
#include "pinfeed/schemas/hook_list.h"
#include "pinfeed/schemas/layer_schemas.h"
#include "pinfeed/schemas/optim_wrapper_schema.h"
#include "pinfeed/schemas/preprocessor_schema.h"

namespace pinfeed {

struct Catalogs;

/// The settings of a training run in a config, without its data and model.
struct RunSettings {
  TrainLoop loop = {};
  Hooks hooks = {};
  OptimizerPlan optimizer = {};
  DistributedSettings distributed = {};
  Preprocessing preprocessing = {};
  std::vector<EvaluatorParams> evaluators = {};  // none: no validation
  std::optional<WrittenPath> load_from = {};
  bool resume = false;
  bool deterministic = false;
  bool cudnn_benchmark = false;
  bool tf32 = true;           // float32 products of a CUDA device are rounded to TF32
  std::string work_dir = {};  // or work_dirs/<config name> if the config has none
};

/// Reads some of the settings.
struct SettingsReader {
  const char* section = nullptr;  // of the config; an error that names no key belongs to it
  std::function<void(const Value& config, RunSettings&, ConfigNotes&)> read = {};
};

/// The readers of all settings, in order. `config --check` runs each of them, training all, so that
/// both refuse the same configs. Reading throws Error(config). `catalogs` must outlive the readers.
std::vector<SettingsReader> settings_readers(const Catalogs& catalogs);

/// Reads and checks all of them and the keys of the model, and appends warnings to `warnings`.
/// Throws Error(config).
RunSettings read_run_settings(const Value& config, const std::string& config_path,
                              const Catalogs& catalogs, std::vector<std::string>& warnings);

/// The work_dir of a config, or "work_dirs/demo" for "configs/demo.py". Throws Error(config) for
/// one that is not text.
std::string work_dir_of(const Value& config, const std::string& config_path);

/// "work_dirs/demo" for "configs/demo.py".
std::string default_work_dir(const std::string& config_path);

}  // namespace pinfeed
