// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine/runner/runner.py (docs/specs/openmmlab-runtime.md, 2.2).
#include "pinfeed/schedule/read_schedule.h"

#include <algorithm>
#include <array>

#include "pinfeed/config/convert.h"
#include "pinfeed/config/value/number_text.h"
#include "pinfeed/schedule/warmup_hooks.h"

namespace pinfeed {
namespace {

double default_end(const Value& scheduler, const std::string& path, const TrainLength& length) {
  const Value* by_epoch = scheduler.find("by_epoch");
  if (by_epoch == nullptr || convert<bool>(*by_epoch, path + ".by_epoch")) {
    return static_cast<double>(length.by_epoch ? length.max_epochs : 1);
  }
  return static_cast<double>(iterations_of(length));
}

// A rule with fewer steps than the window would fail in the middle of the training.
void check_steps(const Stage& stage, const TrainLength& length) {
  if (!stage.by_epoch && !length.max_iters && !length.epoch_length) return;
  const double units = stage.by_epoch ? static_cast<double>(length.by_epoch ? length.max_epochs : 1)
                                      : static_cast<double>(iterations_of(length));
  const double last = std::min(stage.end, units) - stage.begin - 1;
  if (last <= stage.steps) return;
  throw Error(ErrorKind::config, stage.type + " has " + python_text(stage.steps) +
                                     " steps; the training needs step " + python_text(last))
      .help("set total_steps to the steps of the window, or end the window earlier");
}

Stage read_scheduler(const Value& written, const std::string& path, const TrainLength& length,
                     const SchedulerCatalog& catalog) try {
  type_of(written, path);
  Value scheduler = written;
  if (scheduler.find("end") == nullptr) {
    scheduler.dict().set("end", default_end(scheduler, path, length));
  }
  Stage stage = catalog.make(scheduler, path, length);
  check_steps(stage, length);
  return stage;
} catch (Error& error) {
  throw error.at(written.span()).inside(path);
}

bool has_equal_levels(const Value& cycle, const Value& other) {
  constexpr std::array<std::string_view, 3> levels = {"eta_max", "div_factor", "final_div_factor"};
  return std::all_of(levels.begin(), levels.end(), [&](std::string_view key) {
    const Value* one = cycle.find(key);
    const Value* two = other.find(key);
    return one == nullptr || two == nullptr ? one == two : *one == *two;
  });
}

// OpenMMLab stores the levels of a cycle in the groups, where a later cycle overwrites them.
void check_cycles(const std::vector<Stage>& stages, const Value& written, const std::string& path) {
  const Value* first = nullptr;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (!stages[i].type.starts_with("OneCycle")) continue;
    const Value& cycle = written.items()[i];
    if (first == nullptr) first = &cycle;
    if (has_equal_levels(cycle, *first)) continue;
    throw Error(ErrorKind::config, stages[i].type + " has other levels than the previous cycle")
        .at(cycle.span())
        .inside(path + "[" + std::to_string(i) + "]")
        .help(
            "give both the same eta_max, div_factor and final_div_factor: OpenMMLab uses those of "
            "the last cycle for all");
  }
}

std::vector<Stage> read_list(const Value& written, const std::string& path,
                             const TrainLength& length, const SchedulerCatalog& catalog) {
  if (written.is_none()) return {};
  if (!written.is_sequence()) return {read_scheduler(written, path, length, catalog)};
  std::vector<Stage> stages;
  for (const Value& item : written.items()) {
    const std::string inner = path + "[" + std::to_string(stages.size()) + "]";
    stages.push_back(read_scheduler(item, inner, length, catalog));
  }
  check_cycles(stages, written, path);
  return stages;
}

// None in default_hooks removes the hook.
bool is_empty(const Value* value) {
  return value == nullptr || value->is_none() || (value->is_sequence() && value->items().empty());
}

bool is_warmup_hook_entry(const Value& hook) {
  const Value* type = hook.find("type");
  return type != nullptr && is_warmup_hook(type_of(hook, "").name);
}

std::vector<Stage> read_warmup_hook(const WarmupHookEntry& entry, const Value& config,
                                    const TrainLength& length) {
  const Value* schedulers = config.find("param_scheduler");
  if (!is_empty(schedulers)) {
    throw Error(ErrorKind::config, entry.path + " is a " + type_of(*entry.hook, entry.path).name +
                                       ", which replaces param_scheduler")
        .at(schedulers->span())
        .inside("param_scheduler")
        .help("set param_scheduler=None, or remove the hook");
  }
  return hook_stages(*entry.hook, entry.path, length, has_momentum(config));
}

bool is_wrapper(const Value& value) { return value.find("optimizer") != nullptr; }

// The param_scheduler of one of several optimizers.
const Value* own_schedulers(const Value& config, const std::string& name) {
  const Value* written = config.find("param_scheduler");
  if (written == nullptr || !written->is_dict() || written->find("type") != nullptr) return written;
  return written->find(name);
}

void check_names(const Value& config, const std::vector<std::string>& names) {
  const Value* written = config.find("param_scheduler");
  if (written == nullptr || !written->is_dict() || written->find("type") != nullptr) return;
  for (const Dict::Entry& entry : written->dict().entries()) {
    if (std::find(names.begin(), names.end(), entry.key.text) != names.end()) continue;
    throw Error(ErrorKind::config, "there is no optimizer '" + entry.key.text + "'")
        .at(entry.span)
        .inside("param_scheduler." + entry.key.text)
        .help("the optimizers are " + joined(names));
  }
}

}  // namespace

WarmupHookEntry warmup_hook(const Value& config) {
  const Value* hooks = config.find("default_hooks");
  const Value* hook = hooks == nullptr ? nullptr : hooks->find("param_scheduler");
  if (hook != nullptr && is_warmup_hook_entry(*hook))
    return {hook, "default_hooks.param_scheduler"};
  const Value* custom = config.find("custom_hooks");
  if (custom == nullptr || !custom->is_sequence()) return {};
  for (std::size_t i = 0; i < custom->items().size(); ++i) {
    const Value& item = custom->items()[i];
    if (is_warmup_hook_entry(item)) return {&item, "custom_hooks[" + std::to_string(i) + "]"};
  }
  return {};
}

std::vector<Stage> read_schedulers(const Value& config, const TrainLength& length) {
  return read_schedulers(config, length, builtin_schedulers());
}

std::vector<Stage> read_schedulers(const Value& config, const TrainLength& length,
                                   const SchedulerCatalog& catalog) {
  const WarmupHookEntry entry = warmup_hook(config);
  if (entry.hook != nullptr) return read_warmup_hook(entry, config, length);
  const Value* written = config.find("param_scheduler");
  if (written == nullptr) return {};
  return read_list(*written, "param_scheduler", length, catalog);
}

std::vector<ScheduledOptimizer> scheduled_optimizers(const Value& config,
                                                     const TrainLength& length) {
  const Value* wrapper = config.find("optim_wrapper");
  if (wrapper == nullptr || !wrapper->is_dict() || is_wrapper(*wrapper)) {
    return {{.values = optimizer_values(config), .stages = read_schedulers(config, length)}};
  }
  std::vector<ScheduledOptimizer> optimizers;
  std::vector<std::string> names;
  const SchedulerCatalog catalog = builtin_schedulers();
  for (const Dict::Entry& entry : wrapper->dict().entries()) {
    if (!is_wrapper(entry.value)) continue;
    const std::string& name = names.emplace_back(entry.key.text);
    const Value* written = own_schedulers(config, name);
    const bool by_name = written != nullptr && written != config.find("param_scheduler");
    const std::string path = by_name ? "param_scheduler." + name : "param_scheduler";
    optimizers.push_back({.name = name,
                          .values = wrapper_values(entry.value, "optim_wrapper." + name),
                          .stages = written == nullptr
                                        ? std::vector<Stage>()
                                        : read_list(*written, path, length, catalog)});
  }
  if (optimizers.empty()) optimizer_values(config);  // throws the error of the missing key
  check_names(config, names);
  return optimizers;
}

}  // namespace pinfeed
