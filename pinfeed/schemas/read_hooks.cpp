// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 6.
#include <array>

#include "pinfeed/config/catalog.h"
#include "pinfeed/schemas/hook_schemas.h"

namespace pinfeed {
namespace {

// A hook without parameters: accepted, or refused with a reason.
struct KnownHook {
  std::string_view type;
  std::string_view refusal;  // empty: accepted
};

constexpr std::array<KnownHook, 22> known_hooks = {{
    {"RuntimeInfoHook", ""},
    {"IterTimerHook", ""},
    {"DistSamplerSeedHook", ""},
    {"ParamSchedulerHook", ""},
    {"YOLOv5ParamSchedulerHook", ""},  // the schedule reads them from default_hooks
    {"PPYOLOEParamSchedulerHook", ""},
    {"DetVisualizationHook", ""},
    {"VisualizationHook", ""},
    {"NumClassCheckHook", ""},
    {"SyncBuffersHook", ""},
    {"SyncNormHook", ""},
    {"EmptyCacheHook", ""},
    {"SetEpochInfoHook", ""},
    {"MemoryProfilerHook", ""},
    {"EMAHook", "averaged weights are not implemented yet"},
    {"EarlyStoppingHook", "training always runs to the end; Ctrl-C saves a checkpoint and stops"},
    {"PipelineSwitchHook", ""},  // the loader reads them from custom_hooks
    {"YOLOXModeSwitchHook", ""},
    {"ProfilerHook", "use `pinfeed bench CONFIG`"},
    {"NPUProfilerHook", "use `pinfeed bench CONFIG`"},
    {"PrepareTTAHook", "there is no test-time augmentation"},
    {"MeanTeacherHook", "teacher models are not implemented"},
}};

Error refused_hook(const Value& value, const std::string& path, const std::string& type,
                   std::string_view reason) {
  return Error(ErrorKind::config, type + " is not supported: " + std::string(reason))
      .at(value.find("type")->span())
      .inside(path);
}

std::vector<std::string> hook_names() {
  std::vector<std::string> names = {LoggerHook::name, CheckpointHook::name,
                                    CheckInvalidLossHook::name};
  for (const KnownHook& hook : known_hooks) names.emplace_back(hook.type);
  return names;
}

void read_hook(const Value& value, const std::string& path, Hooks& hooks) {
  const std::string type = type_of(value, path).name;
  if (type == LoggerHook::name) {
    hooks.logger = schema_of<LoggerHook>().parse(value, path);
    return;
  }
  if (type == CheckpointHook::name) {
    hooks.checkpoint = schema_of<CheckpointHook>().parse(value, path);
    return;
  }
  if (type == CheckInvalidLossHook::name) {
    hooks.invalid_loss = schema_of<CheckInvalidLossHook>().parse(value, path);
    return;
  }
  if (const auto refusal = plain_hook(type)) {
    if (refusal->empty()) return;
    throw refused_hook(value, path, type, *refusal);
  }
  throw unknown_type("hook", value, path, hook_names());
}

// None removes a default hook.
void remove_hook(const Dict::Entry& entry, const std::string& path, Hooks& hooks) {
  const std::string& name = entry.key.text;
  if (name == "logger") {
    hooks.logger = std::nullopt;
  } else if (name == "checkpoint") {
    hooks.checkpoint = std::nullopt;
  } else if (name == "param_scheduler") {
    hooks.step_schedule = false;
  } else if (name == "runtime_info" || name == "timer" || name == "sampler_seed") {
    throw Error(ErrorKind::config,
                "default_hooks." + name + " cannot be None: it is part of the loop")
        .at(entry.span)
        .inside(path);
  }
}

void read_default_hooks(const Value& value, Hooks& hooks) {
  require_dict(value, "default_hooks");
  for (const Dict::Entry& entry : value.dict().entries()) {
    const std::string path = "default_hooks." + entry.key.text;
    if (entry.value.is_none()) {
      remove_hook(entry, path, hooks);
    } else {
      read_hook(entry.value, path, hooks);
    }
  }
}

}  // namespace

std::optional<std::string_view> plain_hook(std::string_view type) {
  for (const KnownHook& hook : known_hooks) {
    if (hook.type == type) return hook.refusal;
  }
  return std::nullopt;
}

Hooks read_hooks(const Value& config) {
  Hooks hooks;
  if (const Value* value = config.find("default_hooks"); value != nullptr && !value->is_none()) {
    read_default_hooks(*value, hooks);
  }
  if (const Value* value = config.find("custom_hooks"); value != nullptr && !value->is_none()) {
    if (!value->is_sequence()) throw wrong_type(*value, "custom_hooks", "list of dict");
    for (std::size_t i = 0; i < value->items().size(); ++i) {
      read_hook(value->items()[i], "custom_hooks[" + std::to_string(i) + "]", hooks);
    }
  }
  if (const Value* value = config.find("log_processor"); value != nullptr && !value->is_none()) {
    hooks.log = schema_of<LogProcessor>().parse(*value, "log_processor");
  }
  return hooks;
}

}  // namespace pinfeed
