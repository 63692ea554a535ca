// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/check_sections.h"

#include <array>

namespace pinfeed::cli {
namespace {

struct Section {
  std::string_view name;
  std::string_view verdict;  // empty: its keys have their own
};

constexpr std::array<Section, 31> sections = {{
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
    {"auto_scale_lr", "used"},
    {"randomness", "used"},
    {"pinfeed", "used"},
    {"load_from", "used"},
    {"resume", "used"},
    {"work_dir", "used"},
    {"launcher", "used"},
    {"default_scope", "accepted: parts are found without it"},
    {"custom_imports", "accepted: nothing is imported"},
    {"env_cfg", "accepted: there are no worker processes"},
    {"visualizer", "accepted: logs and curves are in the work dir"},
    {"vis_backends", "accepted: logs and curves are in the work dir"},
    {"log_level", "accepted: the log has one level"},
    {"test_dataloader", "accepted: no command runs a test; `pinfeed eval` reads val_dataloader"},
    {"test_evaluator", "accepted: no command runs a test"},
    {"test_cfg", "accepted: no command runs a test"},
    {"tta_model", "accepted: there is no test-time augmentation"},
    {"tta_pipeline", "accepted: there is no test-time augmentation"},
    {"dataset_type", "variable"},
}};

}  // namespace

std::optional<std::string_view> section_verdict(std::string_view section) {
  for (const Section& known : sections) {
    if (known.name == section) return known.verdict;
  }
  return std::nullopt;
}

std::vector<std::string> part_kinds_of(const std::string& key) {
  if (key == "pipeline" || key == "transforms" || key == "switch_pipeline") return {"transform"};
  if (key == "dataset" || key == "datasets") return {"dataset"};
  if (key == "sampler") return {"sampler"};
  if (key == "batch_sampler") return {"batch_sampler"};
  if (key == "collate_fn") return {"collate"};
  if (key == "param_scheduler") return {"scheduler", "hook"};
  if (key == "optimizer") return {"optimizer"};
  if (key == "optim_wrapper") return {"optim_wrapper"};
  if (key == "train_cfg" || key == "val_cfg") return {"loop"};
  if (key == "val_evaluator") return {"metric"};
  if (key == "default_hooks" || key == "custom_hooks") return {"hook"};
  if (key == "data_preprocessor") return {"preprocessor"};
  return {};
}

}  // namespace pinfeed::cli
