// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 6.
#include "pinfeed/schemas/run_settings.h"

#include <filesystem>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/schedule/optimizer_values.h"
#include "pinfeed/schemas/model_list.h"
#include "pinfeed/schemas/runner_keys.h"
#include "pinfeed/schemas/validation_schema.h"

namespace pinfeed {
namespace {

template <class T>
T setting(const Value& config, const std::string& key, T default_value) {
  const Value* value = config.find(key);
  return value == nullptr || value->is_none() ? default_value : convert<T>(*value, key);
}

bool is_deterministic(const Value& config) {
  const Value* randomness = config.find("randomness");
  const Value* value = randomness != nullptr ? randomness->find("deterministic") : nullptr;
  return value != nullptr && convert<bool>(*value, "randomness.deterministic");
}

bool wants_tf32(const Value& config) {
  const Value* keys = config.find("pinfeed");
  const Value* value = keys != nullptr && keys->is_dict() ? keys->find("tf32") : nullptr;
  return value == nullptr || convert<bool>(*value, "pinfeed.tf32");
}

void read_validation(const Value& config, RunSettings& settings, ConfigNotes& notes) {
  if (has_evaluation(config)) {
    settings.evaluators = read_evaluators(config, "val_evaluator");
    check_mask_head(config, settings.evaluators, "val_evaluator");
    check_packed_keys(config, "val_dataloader");
    return check_metric_names(config, settings.hooks.find<CheckpointHook>(),
                              metric_names(settings.evaluators));
  }
  const CheckpointHook* hook = settings.hooks.find<CheckpointHook>();
  if (hook != nullptr && !hook->best_metrics().empty()) {
    notes.push_back({"default_hooks.checkpoint.save_best", "save_best",
                     "the config has no validation, so there are no metrics"});
  }
}

void read_files(const Value& config, RunSettings& settings) {
  settings.load_from = setting<std::optional<WrittenPath>>(config, "load_from", {});
  settings.resume = setting(config, "resume", false);
  settings.work_dir = setting<std::string>(config, "work_dir", "");
}

}  // namespace

std::vector<SettingsReader> settings_readers(const Catalogs& catalogs) {
  using Settings = RunSettings;
  using Notes = ConfigNotes;
  return {
      {"launcher",
       [](const Value& config, Settings&, Notes& notes) { check_runner_keys(config, notes); }},
      {"env_cfg", [](const Value& config, Settings& settings,
                     Notes&) { settings.cudnn_benchmark = wants_cudnn_benchmark(config); }},
      {"model_wrapper_cfg",
       [](const Value& config, Settings& settings, Notes&) {
         settings.distributed = read_distributed_settings(config);
       }},
      {"pinfeed", [](const Value& config, RunSettings& settings,
                     Notes&) { settings.tf32 = wants_tf32(config); }},
      {"randomness", [](const Value& config, Settings& settings,
                        Notes&) { settings.deterministic = is_deterministic(config); }},
      {"train_cfg", [](const Value& config, Settings& settings,
                       Notes&) { settings.loop = read_train_loop(config); }},
      {"default_hooks",
       [&catalogs](const Value& config, Settings& settings, Notes& notes) {
         settings.hooks = read_hooks(config, catalogs.hooks);
         note_idle_hooks(config, notes);
       }},
      {"optim_wrapper",
       [](const Value& config, Settings& settings, Notes&) {
         settings.optimizer = read_optim_wrapper(config);
         (void)lr_scale(config, 1);
       }},
      {"data_preprocessor", [](const Value& config, Settings& settings,
                               Notes&) { settings.preprocessing = read_preprocessing(config); }},
      {"model", [&catalogs](const Value& config, Settings&,
                            Notes&) { check_model(config, catalogs.models); }},
      {"val_evaluator", read_validation},
      {"work_dir",
       [](const Value& config, Settings& settings, Notes&) { read_files(config, settings); }}};
}

std::string default_work_dir(const std::string& config_path) {
  return "work_dirs/" + std::filesystem::path(config_path).stem().string();
}

std::string work_dir_of(const Value& config, const std::string& config_path) {
  const auto written = setting<std::string>(config, "work_dir", "");
  return written.empty() ? default_work_dir(config_path) : written;
}

RunSettings read_run_settings(const Value& config, const std::string& config_path,
                              const Catalogs& catalogs, std::vector<std::string>& warnings) {
  RunSettings settings;
  ConfigNotes notes;
  for (const SettingsReader& reader : settings_readers(catalogs))
    reader.read(config, settings, notes);
  for (const ConfigNote& note : notes) warnings.push_back(note.text());
  settings.work_dir = work_dir_of(config, config_path);
  return settings;
}

}  // namespace pinfeed
