// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 6.
#include "pinfeed/schemas/run_settings.h"

#include <filesystem>

#include "pinfeed/schemas/validation_schema.h"

namespace pinfeed {
namespace {

template <class T>
T setting(const Value& config, const std::string& key, T default_value) {
  const Value* value = config.find(key);
  return value == nullptr || value->is_none() ? default_value : convert<T>(*value, key);
}

void refuse_launcher(const Value& config) {
  const Value* launcher = config.find("launcher");
  if (launcher == nullptr || *launcher == Value("none") || launcher->is_none()) return;
  throw Error(ErrorKind::config,
              "launcher is " + repr(*launcher) + "; distributed training is not supported yet")
      .at(launcher->span())
      .inside("launcher")
      .help("set launcher='none'");
}

void warn_of_backends(const Value& config, std::vector<std::string>& warnings) {
  const Value* backends = config.find("vis_backends");
  const Value* visualizer = config.find("visualizer");
  if (backends == nullptr && visualizer != nullptr) backends = visualizer->find("vis_backends");
  if (backends == nullptr || !backends->is_sequence()) return;
  for (const Value& backend : backends->items()) {
    const std::string type = type_of(backend, "vis_backends").name;
    if (type == "LocalVisBackend") continue;
    warnings.push_back(type + " is ignored: logs are files in the work dir");
  }
}

bool is_deterministic(const Value& config) {
  const Value* randomness = config.find("randomness");
  const Value* value = randomness != nullptr ? randomness->find("deterministic") : nullptr;
  return value != nullptr && convert<bool>(*value, "randomness.deterministic");
}

}  // namespace

std::string default_work_dir(const std::string& config_path) {
  return "work_dirs/" + std::filesystem::path(config_path).stem().string();
}

RunSettings read_run_settings(const Value& config, const std::string& config_path,
                              std::vector<std::string>& warnings) {
  refuse_launcher(config);
  warn_of_backends(config, warnings);
  return {.loop = read_train_loop(config),
          .hooks = read_hooks(config),
          .optimizer = read_optim_wrapper(config),
          .preprocessing = read_preprocessing(config),
          .validation = has_validation(config),
          .load_from = setting<std::optional<WrittenPath>>(config, "load_from", {}),
          .resume = setting(config, "resume", false),
          .deterministic = is_deterministic(config),
          .work_dir = setting(config, "work_dir", default_work_dir(config_path))};
}

}  // namespace pinfeed
