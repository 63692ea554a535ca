// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 6.
#include <algorithm>
#include <array>
#include <map>

#include "pinfeed/config/catalog.h"
#include "pinfeed/schemas/hook_list.h"

namespace pinfeed {
namespace {

constexpr std::string_view in_the_loop = "it is part of the loop";
constexpr std::string_view compressed = "several processes reduce gradients as float16";
constexpr std::string_view no_pictures = "detections are drawn once, at the end of the training";
constexpr std::string_view any_key = "*";  // the keys are read elsewhere, or the hook is refused
constexpr std::string_view visualization_keys =
    " enable interval show out_dir draw wait_time score_thr test_out_dir backend_args ";

constexpr std::array<PlainHook, 18> known_hooks = {{
    {.type = "DistSamplerSeedHook", .note = in_the_loop},
    // The schedule reads the next two from default_hooks.
    {.type = "YOLOv5ParamSchedulerHook", .note = in_the_loop, .keys = any_key},
    {.type = "PPYOLOEParamSchedulerHook", .note = in_the_loop, .keys = any_key},
    {.type = "DetVisualizationHook",
     .note = no_pictures,
     .keys = visualization_keys,
     .asks = "draw"},
    {.type = "VisualizationHook",
     .note = no_pictures,
     .keys = visualization_keys,
     .asks = "enable"},
    {.type = "NumClassCheckHook", .note = "num_classes is always compared with the data set"},
    {.type = "SyncBuffersHook", .note = "every rank validates with the buffers of rank 0"},
    {.type = "SyncNormHook", .note = "every rank validates with the buffers of rank 0"},
    // mmdet writes the first of these two names. distributed_schema.h reads them.
    {.type = "Fp16CompresssionHook", .note = compressed},
    {.type = "Fp16CompressionHook", .note = compressed},
    {.type = "EmptyCacheHook",
     .note = "the memory that torch keeps for reuse is not released in between",
     .keys = " before_epoch after_epoch after_iter ",
     .without_effect = true},
    {.type = "SetEpochInfoHook", .note = "no model of pinfeed reads the epoch"},
    {.type = "MemoryProfilerHook",
     .note = "use `pinfeed memory CONFIG`",
     .keys = " interval ",
     .without_effect = true},
    // The loader reads the next two from custom_hooks.
    {.type = "PipelineSwitchHook", .note = in_the_loop, .keys = any_key},
    {.type = "YOLOXModeSwitchHook", .note = in_the_loop, .keys = any_key},
    {.type = "NPUProfilerHook", .refusal = "there is no NPU; use ProfilerHook"},
    {.type = "PrepareTTAHook", .refusal = "there is no test-time augmentation"},
    {.type = "MeanTeacherHook", .refusal = "teacher models are not implemented"},
}};

Error refused_hook(const Value& value, const std::string& path, const std::string& type,
                   std::string_view reason) {
  return Error(ErrorKind::config, type + " is not supported: " + std::string(reason))
      .at(value.find("type")->span())
      .inside(path);
}

bool has_key(const PlainHook& hook, const std::string& key) {
  return hook.keys == any_key || hook.keys.find(" " + key + " ") != std::string_view::npos;
}

// The number of a hook's priority. `value` is that of the key, null without it.
int read_priority(const HookPriority& priority, int standard, const Value* value,
                  const std::string& path) {
  try {
    return priority_number(priority, standard);
  } catch (Error& error) {
    throw error.at(value->span()).inside(path + ".priority");
  }
}

void check_priority(const Value& value, const std::string& path) {
  (void)read_priority(convert<HookPriority>(value, path + ".priority"), 0, &value, path);
}

void check_keys(const Value& value, const std::string& path, const PlainHook& hook) {
  for (const Dict::Entry& entry : value.dict().entries()) {
    const std::string& key = entry.key.text;
    if (key == "priority") check_priority(entry.value, path);
    if (key == "type" || key == "_scope_" || key == "priority" || has_key(hook, key)) continue;
    throw Error(ErrorKind::config, std::string(hook.type) + " has no key '" + key + "'")
        .at(entry.span)
        .inside(path + "." + key)
        .help("its keys are:" + std::string(hook.keys) + (hook.keys.empty() ? " " : "") +
              "priority");
  }
}

template <class... Params>
std::vector<std::string> names_of(HookTypes<Params...>) {
  return {Params::name...};
}

template <class Params>
HookSetting parsed(const Value& value, const std::string& path) {
  const Params params = schema_of<Params>().parse(value, path);
  return {params,
          read_priority(params.priority, Params::default_priority, value.find("priority"), path)};
}

// The priority is not a key of an added hook's own parameters.
HookSetting added_hook(const HookCatalog& added, const Value& value, const std::string& path) {
  const Value* written = value.find("priority");
  const auto priority =
      written == nullptr ? HookPriority() : convert<HookPriority>(*written, path + ".priority");
  Value own = value;
  own.dict().erase("priority");
  AddedHook hook = added.make(own, path, {});
  const int number = read_priority(priority, hook.default_priority, written, path);
  return {std::move(hook), number};
}

// The hook of the type that `value` names; empty for one without parameters here.
template <class... Params>
std::optional<HookSetting> parsed_hook(HookTypes<Params...>, const std::string& type,
                                       const Value& value, const std::string& path) {
  std::optional<HookSetting> found;
  ((type == Params::name ? void(found = parsed<Params>(value, path)) : void()), ...);
  return found;
}

template <class Params>
HookSetting with_defaults(const Params& params = {}) {
  return {params, Params::default_priority};
}

// Two of these may watch different metrics or record different iterations.
bool may_repeat(const HookSetting& hook) {
  return std::holds_alternative<EarlyStoppingHook>(hook.params) ||
         std::holds_alternative<ProfilerHook>(hook.params);
}

// The hooks that have been read, and where those that a run has once were written.
struct HookReading {
  const HookCatalog* added = nullptr;
  Hooks hooks = default_hooks();
  std::map<std::string, std::string> written = {};  // path by type
};

// A hook that a run has once replaces that of the defaults, and may be written once.
void add_hook(const HookSetting& hook, const std::string& type, const Value& value,
              const std::string& path, HookReading& reading) {
  if (may_repeat(hook)) return reading.hooks.list.push_back(hook);
  const auto [first, is_new] = reading.written.emplace(type, path);
  if (!is_new) {
    throw Error(ErrorKind::config, type + " is written twice: as " + first->second + " and here")
        .at(value.find("type")->span())
        .inside(path)
        .help("a run has one; put all keys into one of them");
  }
  for (HookSetting& known : reading.hooks.list) {
    if (known.params.index() != hook.params.index()) continue;
    known = hook;
    return;
  }
  reading.hooks.list.push_back(hook);
}

void read_hook(const Value& value, const std::string& path, HookReading& reading) {
  const std::string type = type_of(value, path).name;
  if (reading.added->has(type))
    return reading.hooks.list.push_back(added_hook(*reading.added, value, path));
  if (const auto hook = parsed_hook(BuiltinHooks{}, type, value, path))
    return add_hook(*hook, type, value, path, reading);
  if (const PlainHook* hook = plain_hook(type)) {
    if (!hook->refusal.empty()) throw refused_hook(value, path, type, hook->refusal);
    return check_keys(value, path, *hook);
  }
  std::vector<std::string> names = hook_names();
  for (const std::string& name : reading.added->names()) names.push_back(name);
  throw unknown_type("hook", value, path, names);
}

template <class Params>
void remove_all(Hooks& hooks) {
  std::erase_if(hooks.list, [](const HookSetting& hook) {
    return std::holds_alternative<Params>(hook.params);
  });
}

// None removes a default hook.
void remove_hook(const Dict::Entry& entry, const std::string& path, Hooks& hooks) {
  const std::string& name = entry.key.text;
  if (name == "logger") {
    remove_all<LoggerHook>(hooks);
  } else if (name == "checkpoint") {
    remove_all<CheckpointHook>(hooks);
  } else if (name == "param_scheduler") {
    remove_all<ParamSchedulerHook>(hooks);
  } else if (name == "runtime_info" || name == "timer" || name == "sampler_seed") {
    throw Error(ErrorKind::config,
                "default_hooks." + name + " cannot be None: it is part of the loop")
        .at(entry.span)
        .inside(path);
  }
}

void read_default_hooks(const Value& value, HookReading& reading) {
  require_dict(value, "default_hooks");
  for (const Dict::Entry& entry : value.dict().entries()) {
    const std::string path = "default_hooks." + entry.key.text;
    if (entry.value.is_none()) {
      remove_hook(entry, path, reading.hooks);
    } else {
      read_hook(entry.value, path, reading);
    }
  }
}

void note_if_idle(const Value& value, const std::string& path, ConfigNotes& notes) {
  const PlainHook* hook = plain_hook(type_of(value, path).name);
  if (hook == nullptr) return;
  const Value* asks = hook->asks.empty() ? nullptr : value.find(hook->asks);
  const bool asked = asks != nullptr && asks->is_bool() && asks->boolean();
  if (asked || hook->without_effect) {
    notes.push_back({asked ? path + "." + std::string(hook->asks) : path + ".type",
                     std::string(hook->type), std::string(hook->note)});
  }
}

}  // namespace

const PlainHook* plain_hook(std::string_view type) {
  for (const PlainHook& hook : known_hooks) {
    if (hook.type == type) return &hook;
  }
  return nullptr;
}

void note_idle_hooks(const Value& config, ConfigNotes& notes) {
  if (const Value* hooks = config.find("default_hooks"); hooks != nullptr && hooks->is_dict()) {
    for (const Dict::Entry& entry : hooks->dict().entries()) {
      if (entry.value.is_dict())
        note_if_idle(entry.value, "default_hooks." + entry.key.text, notes);
    }
  }
  const Value* custom = config.find("custom_hooks");
  if (custom == nullptr || !custom->is_sequence()) return;
  for (std::size_t i = 0; i < custom->items().size(); ++i) {
    note_if_idle(custom->items()[i], "custom_hooks[" + std::to_string(i) + "]", notes);
  }
}

std::vector<std::string> hook_names() {
  std::vector<std::string> names = names_of(BuiltinHooks{});
  for (const PlainHook& hook : known_hooks) names.emplace_back(hook.type);
  return names;
}

Hooks default_hooks() {
  return {.list = {with_defaults<RuntimeInfoHook>(), with_defaults<IterTimerHook>(),
                   with_defaults<LoggerHook>(), with_defaults<ParamSchedulerHook>(),
                   with_defaults(CheckpointHook{.interval = 1})}};
}

Hooks read_hooks(const Value& config, const HookCatalog& added) {
  HookReading reading{.added = &added};
  if (const Value* value = config.find("default_hooks"); value != nullptr && !value->is_none()) {
    read_default_hooks(*value, reading);
  }
  if (const Value* value = config.find("custom_hooks"); value != nullptr && !value->is_none()) {
    if (!value->is_sequence()) throw wrong_type(*value, "custom_hooks", "list of dict");
    for (std::size_t i = 0; i < value->items().size(); ++i) {
      read_hook(value->items()[i], "custom_hooks[" + std::to_string(i) + "]", reading);
    }
  }
  Hooks& hooks = reading.hooks;
  if (const Value* value = config.find("log_processor"); value != nullptr && !value->is_none()) {
    hooks.log = schema_of<LogProcessor>().parse(*value, "log_processor");
  }
  std::stable_sort(
      hooks.list.begin(), hooks.list.end(),
      [](const HookSetting& a, const HookSetting& b) { return a.priority < b.priority; });
  return hooks;
}

}  // namespace pinfeed
