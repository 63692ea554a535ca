// SPDX-License-Identifier: Apache-2.0
// Source of the names: mmengine/runner/runner.py (Runner.__init__, from_cfg, setup_env,
// wrap_model) and mmengine/runner/_flexible_runner.py.
#include "pinfeed/schemas/runner_keys.h"

#include <algorithm>
#include <array>

#include "pinfeed/config/catalog.h"
#include "pinfeed/config/schema.h"
#include "pinfeed/schemas/distributed_schema.h"

namespace pinfeed {
namespace {

constexpr std::array<RunnerKey, 43> runner_keys = {{
    {"model", ""},
    {"data_preprocessor", ""},
    {"optim_wrapper", ""},
    {"param_scheduler", ""},
    {"train_cfg", ""},
    {"val_cfg", ""},
    {"train_dataloader", ""},
    {"val_dataloader", ""},
    {"val_evaluator", ""},
    {"default_hooks", ""},
    {"custom_hooks", ""},
    {"log_processor", ""},
    {"auto_scale_lr", ""},
    {"randomness", ""},
    {"pinfeed", ""},
    {"load_from", "used"},
    {"resume", "used"},
    {"work_dir", "used"},
    {"launcher", "used"},
    {"env_cfg", ""},
    {"visualizer", "used: its vis_backends; logs and curves are in the work dir"},
    {"vis_backends", "used: TensorboardVisBackend and CSVVisBackend add files to the work dir"},
    {"default_scope", "accepted: parts are found without it"},
    {"custom_imports", "accepted: nothing is imported"},
    {"log_level", "accepted: the log has one level"},
    {"experiment_name", "accepted: a run is named by the time of its start"},
    {"runner_type", "used"},
    {"strategy", "used"},
    {"activation_checkpointing", "used"},
    {"compile", "used"},
    {"sync_bn", "used"},
    {"find_unused_parameters", "used"},
    {"detect_anomalous_params", "accepted: an error names find_unused_parameters"},
    {"model_wrapper_cfg", "used"},
    {"broadcast_buffers", "used"},
    {"backend_args", "accepted: files are local"},
    {"file_client_args", "accepted: files are local"},
    {"test_dataloader", "accepted: `pinfeed test` and `pinfeed predict` read it"},
    {"test_evaluator", "accepted: `pinfeed test` reads it"},
    {"test_cfg", "accepted: `pinfeed test` reads it"},
    {"tta_model", "accepted: there is no test-time augmentation"},
    {"tta_pipeline", "accepted: there is no test-time augmentation"},
    {"tta_cfg", "accepted: there is no test-time augmentation"},
}};

constexpr std::array<std::string_view, 10> known_visualizers = {
    "Visualizer",           "DetLocalVisualizer",   "SelfSupVisualizer",   "UniversalVisualizer",
    "SegLocalVisualizer",   "TrackLocalVisualizer", "PoseLocalVisualizer", "ActionVisualizer",
    "Det3DLocalVisualizer", "ConcatImageVisualizer"};

constexpr std::array<std::string_view, 3> known_backends = {
    "LocalVisBackend", "TensorboardVisBackend", "CSVVisBackend"};

// The value of a key that is set: neither absent, None, nor False.
const Value* set_value(const Value& config, std::string_view key) {
  const Value* value = config.find(key);
  const bool off = value == nullptr || value->is_none() || (value->is_bool() && !value->boolean());
  return off ? nullptr : value;
}

Error refused_key(const Value& value, const std::string& key, const std::string& reason) {
  return Error(ErrorKind::config, key + " is " + repr(value) + "; " + reason)
      .at(value.span())
      .inside(key);
}

void check_runner_type(const Value& config) {
  if (const Value* type = set_value(config, "runner_type"); type && *type != Value("Runner")) {
    throw refused_key(*type, "runner_type", "pinfeed trains as mmengine's Runner does");
  }
  if (const Value* strategy = set_value(config, "strategy")) {
    throw refused_key(*strategy, "strategy", "each process has the whole model on one device")
        .help("set strategy=None");
  }
}

void note_memory_options(const Value& config, ConfigNotes& notes) {
  if (set_value(config, "activation_checkpointing") != nullptr) {
    notes.push_back({"activation_checkpointing", "activation_checkpointing",
                     "activations are kept; training takes more memory and gives the same result"});
  }
  if (set_value(config, "compile") != nullptr) {
    notes.push_back({"compile", "compile", "the model is not compiled"});
  }
}

struct EnvCfg {
  static constexpr auto name = "env_cfg";
  bool cudnn_benchmark = false;
  std::optional<Value> dist_cfg = {};  // read_distributed_settings() reads it
};

void describe(Schema<EnvCfg>& schema) {
  schema
      .optional("cudnn_benchmark", &EnvCfg::cudnn_benchmark,
                "cuDNN measures its algorithms and takes the fastest")
      .accepted("mp_cfg", "there are no worker processes")
      .optional("dist_cfg", &EnvCfg::dist_cfg, "how several processes find each other")
      .accepted("resource_limit", "a loader opens few files at once");
}

void note_scale_keys(const Value& config, ConfigNotes& notes) {
  const Value* scale = config.find("auto_scale_lr");
  if (scale == nullptr || !scale->is_dict()) return;
  for (const Dict::Entry& entry : scale->dict().entries()) {
    const std::string& key = entry.key.text;
    if (key == "enable" || key == "base_batch_size") continue;
    notes.push_back({"auto_scale_lr." + key, "auto_scale_lr." + key,
                     "the keys that are read are enable and base_batch_size"});
  }
}

// The vis_backends of the visualizer, or else those of the config; null without.
std::pair<const Value*, std::string> backends_of(const Value& config) {
  const Value* visualizer = set_value(config, "visualizer");
  const Value* own = visualizer != nullptr ? visualizer->find("vis_backends") : nullptr;
  if (own != nullptr) return {own, "visualizer.vis_backends"};
  return {set_value(config, "vis_backends"), "vis_backends"};
}

void check_backends(const Value& config) {
  const auto [backends, path] = backends_of(config);
  if (backends == nullptr || backends->is_none()) return;
  if (!backends->is_sequence()) {
    throw Error(ErrorKind::config, path + " is " + repr(*backends) + "; it must be a list")
        .at(backends->span())
        .inside(path);
  }
  for (std::size_t i = 0; i < backends->items().size(); ++i) {
    const std::string inner = path + "[" + std::to_string(i) + "]";
    const std::string type = type_of(backends->items()[i], inner).name;
    const bool known =
        std::find(known_backends.begin(), known_backends.end(), type) != known_backends.end();
    if (known) continue;
    throw Error(ErrorKind::config, type + " is not supported: logs are files in the work dir")
        .at(backends->items()[i].span())
        .inside(inner)
        .help(
            "vis_backends may have LocalVisBackend, TensorboardVisBackend and CSVVisBackend; "
            "other programs can import the event files of TensorboardVisBackend");
  }
}

void check_visualizer(const Value& config, ConfigNotes& notes) {
  const Value* visualizer = set_value(config, "visualizer");
  if (visualizer != nullptr) {
    const std::string type = type_of(*visualizer, "visualizer").name;
    if (std::find(known_visualizers.begin(), known_visualizers.end(), type) ==
        known_visualizers.end()) {
      notes.push_back({"visualizer", type, "logs and curves are files in the work dir"});
    }
  }
  check_backends(config);
}

}  // namespace

std::vector<std::string> vis_backends(const Value& config) {
  std::vector<std::string> types;
  const auto [backends, path] = backends_of(config);
  if (backends == nullptr || !backends->is_sequence()) return types;
  for (const Value& backend : backends->items()) types.push_back(type_of(backend, path).name);
  return types;
}

const RunnerKey* find_runner_key(std::string_view name) {
  for (const RunnerKey& key : runner_keys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

std::vector<std::string> runner_key_names() {
  std::vector<std::string> names;
  names.reserve(std::size(runner_keys));
  for (const RunnerKey& key : runner_keys) {
    names.emplace_back(key.name);
  }
  return names;
}

PartDoc env_cfg_doc() { return schema_of<EnvCfg>().doc(); }

bool wants_cudnn_benchmark(const Value& config) {
  const Value* env = config.find("env_cfg");
  if (env == nullptr || env->is_none()) return false;
  return schema_of<EnvCfg>().parse(*env, "env_cfg").cudnn_benchmark;
}

void check_runner_keys(const Value& config, ConfigNotes& notes) {
  (void)launcher_of(config);
  check_runner_type(config);
  check_visualizer(config, notes);
  note_memory_options(config, notes);
  note_scale_keys(config, notes);
}

}  // namespace pinfeed
