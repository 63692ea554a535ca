// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/config/schema.h"
#include "pinfeed/schemas/config_note.h"

namespace pinfeed {

/// A top-level name that mmengine's Runner or pinfeed reads. The verdict is "used", "accepted:
/// why", or empty where each key of the section has its own.
struct RunnerKey {
  std::string_view name = {};
  std::string_view verdict = {};
};

/// The key of this name; null for a name that is a variable of the config.
const RunnerKey* find_runner_key(std::string_view name);

/// The names of all of them.
std::vector<std::string> runner_key_names();

/// Checks the keys of the runner that have no reader of their own: launcher, runner_type, strategy,
/// visualizer, vis_backends, activation_checkpointing, compile, auto_scale_lr. Adds a note for what
/// is ignored. Throws Error(config) for what cannot be.
void check_runner_keys(const Value& config, ConfigNotes& notes);

/// The documentation of the keys of env_cfg.
PartDoc env_cfg_doc();

/// env_cfg.cudnn_benchmark. Throws Error(config) for an env_cfg with an unknown key or a wrong
/// value.
bool wants_cudnn_benchmark(const Value& config);

/// The types in the vis_backends of a config.
std::vector<std::string> vis_backends(const Value& config);

}  // namespace pinfeed
