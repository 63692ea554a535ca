// SPDX-License-Identifier: Apache-2.0
// Source of the names: mmengine's page "Migrate Runner from MMCV to MMEngine".
#include "pinfeed/config/older_generation.h"

#include <algorithm>
#include <array>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

struct OlderName {
  std::string_view name;
  std::string_view replacement;
  /// One of these keys shows that the value is what the name says; empty: any dict or other value.
  std::array<std::string_view, 4> keys = {};
  bool alone = false;  // the name alone shows the generation
};

constexpr std::array<OlderName, 13> older_names = {{
    {"data",
     "train_dataloader and val_dataloader",
     {"samples_per_gpu", "workers_per_gpu", "train", "train_dataloader"},
     true},
    {"optimizer", "optim_wrapper.optimizer", {"type"}},
    {"optimizer_config", "optim_wrapper", {}, true},
    {"lr_config", "param_scheduler", {}, true},
    {"momentum_config", "param_scheduler", {}, true},
    {"runner", "train_cfg", {"type", "max_epochs", "max_iters"}, true},
    {"total_epochs", "train_cfg.max_epochs"},
    {"evaluation", "val_cfg and val_evaluator", {"interval", "metric", "save_best"}},
    {"checkpoint_config", "default_hooks.checkpoint", {}, true},
    {"log_config", "default_hooks.logger", {}, true},
    {"workflow", "train_cfg and val_cfg"},
    {"dist_params", "env_cfg.dist_cfg"},
    {"resume_from", "load_from with resume=True"},
}};

bool fits(const OlderName& older, const Value& value) {
  if (older.keys.front().empty()) return true;
  return std::any_of(older.keys.begin(), older.keys.end(), [&](std::string_view key) {
    return !key.empty() && value.find(key) != nullptr;
  });
}

const OlderName* find_older(const Value& root, std::string_view name) {
  const Value* value = root.find(name);
  if (value == nullptr) return nullptr;
  for (const OlderName& older : older_names) {
    if (older.name == name && fits(older, *value)) return &older;
  }
  return nullptr;
}

}  // namespace

std::optional<std::string_view> replacement_of(const Value& root, std::string_view name) {
  const bool is_older = std::any_of(older_names.begin(), older_names.end(), [&](const auto& one) {
    return one.alone && find_older(root, one.name) != nullptr;
  });
  const OlderName* older = is_older ? find_older(root, name) : nullptr;
  if (older == nullptr) return std::nullopt;
  return older->replacement;
}

void warn_of_older_generation(const Value& root, std::vector<std::string>& warnings) {
  std::vector<std::string> names;
  std::vector<std::string> replacements;
  for (const OlderName& older : older_names) {
    const auto replacement = replacement_of(root, older.name);
    if (!replacement) continue;
    names.emplace_back(older.name);
    const std::string text(*replacement);
    const bool listed =
        std::find(replacements.begin(), replacements.end(), text) != replacements.end();
    if (!listed) replacements.push_back(text);
  }
  if (names.empty()) return;
  warnings.push_back(joined(names) +
                     ": names of the older generation, before mmengine, which have no effect; "
                     "mmengine and pinfeed read " +
                     joined(replacements));
}

}  // namespace pinfeed
