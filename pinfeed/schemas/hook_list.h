// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

#include "pinfeed/data/training_parts.h"
#include "pinfeed/schemas/config_note.h"
#include "pinfeed/schemas/early_stopping_hook.h"
#include "pinfeed/schemas/ema_hook.h"
#include "pinfeed/schemas/hook_schemas.h"
#include "pinfeed/schemas/loop_hooks.h"
#include "pinfeed/schemas/profiler_hook.h"

namespace pinfeed {

/// One of several parameter structs, or a hook that a program or plugin has added.
template <class... Params>
struct HookTypes {
  using Any = std::variant<Params..., AddedHook>;
};

/// The hooks that a config can name. train/hooks/ builds each by its make_hook(): a name here
/// without one does not link.
using BuiltinHooks =
    HookTypes<RuntimeInfoHook, IterTimerHook, LoggerHook, ParamSchedulerHook, CheckpointHook,
              CheckInvalidLossHook, EMAHook, EarlyStoppingHook, ProfilerHook>;

/// A hook with its place among the others.
struct HookSetting {
  BuiltinHooks::Any params;
  int priority = 50;  // 0 is called first, 100 last
};

/// The hooks of a config, in the order in which they are called: default_hooks, custom_hooks and
/// log_processor.
struct Hooks {
  std::vector<HookSetting> list = {};
  LogProcessor log = {};

  /// The parameters of the first hook of a type; null if there is none.
  template <class Params>
  const Params* find() const {
    for (const HookSetting& hook : list) {
      if (const Params* found = std::get_if<Params>(&hook.params)) return found;
    }
    return nullptr;
  }
};

/// The hooks of a config without any: mmengine's default hooks.
Hooks default_hooks();

/// Reads the hooks of a config. A hook whose function is built in is accepted. Throws Error(config)
/// with the reason for one that is not supported, for a key that a hook does not have, and for a
/// priority that is none. `added` are further hooks that the config may name.
Hooks read_hooks(const Value& config, const HookCatalog& added = {});

/// The names of the hooks that pinfeed knows.
std::vector<std::string> hook_names();

/// A hook for which pinfeed has no parameters.
struct PlainHook {
  std::string_view type = {};
  std::string_view refusal = {};  // the reason; empty: it is accepted
  std::string_view note = {};     // why it is accepted, or what it does not do here
  std::string_view keys = {};     // upstream's keys, a blank before and behind each
  std::string_view asks = {};     // of these keys; true: the hook asks for what it does not do
  bool without_effect = false;    // it does not do what it is for, whatever its keys
};

/// The hook of this type, without its scope; null for a type that is unknown or has parameters.
const PlainHook* plain_hook(std::string_view type);

/// Notes for the hooks of a config that do not do here what they are for.
void note_idle_hooks(const Value& config, ConfigNotes& notes);

}  // namespace pinfeed
