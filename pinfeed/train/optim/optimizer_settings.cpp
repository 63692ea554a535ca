// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/optim/optimizer_settings.h"

#include <algorithm>
#include <array>

#include "pinfeed/config/convert.h"
#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

// An option by name. Exactly one member is set.
struct OptionOfGroup {
  const char* name;
  double GroupOptions::*number = nullptr;
  bool GroupOptions::*flag = nullptr;
};

const std::vector<OptionOfGroup>& options_of(UpdateRule rule) {
  static const std::vector<OptionOfGroup> sgd = {
      {.name = "lr", .number = &GroupOptions::lr},
      {.name = "weight_decay", .number = &GroupOptions::weight_decay},
      {.name = "momentum", .number = &GroupOptions::momentum},
      {.name = "dampening", .number = &GroupOptions::dampening},
      {.name = "nesterov", .flag = &GroupOptions::nesterov},
      {.name = "maximize", .flag = &GroupOptions::maximize}};
  static const std::vector<OptionOfGroup> adam = {
      {.name = "lr", .number = &GroupOptions::lr},
      {.name = "weight_decay", .number = &GroupOptions::weight_decay},
      {.name = "eps", .number = &GroupOptions::eps},
      {.name = "amsgrad", .flag = &GroupOptions::amsgrad},
      {.name = "maximize", .flag = &GroupOptions::maximize}};
  return rule == UpdateRule::sgd ? sgd : adam;
}

Dict options_dict(UpdateRule rule, const GroupOptions& options) {
  Dict dict;
  for (const OptionOfGroup& option : options_of(rule)) {
    dict.set(option.name, option.number != nullptr ? Value(options.*option.number)
                                                   : Value(options.*option.flag));
  }
  if (rule != UpdateRule::sgd)
    dict.set("betas", Tuple{{options.betas.first, options.betas.second}});
  return dict;
}

// The options, replaced by those of a checkpoint where it has them.
GroupOptions replaced(UpdateRule rule, GroupOptions options, const Value& stored) {
  for (const OptionOfGroup& option : options_of(rule)) {
    const Value* value = stored.find(option.name);
    if (value == nullptr) continue;
    if (option.number != nullptr) options.*option.number = convert<double>(*value, option.name);
    if (option.flag != nullptr) options.*option.flag = convert<bool>(*value, option.name);
  }
  const Value* betas = stored.find("betas");
  if (betas == nullptr || rule == UpdateRule::sgd) return options;
  const auto numbers = convert<std::array<double, 2>>(*betas, "betas");
  options.betas = {numbers[0], numbers[1]};
  return options;
}

void require_same_type(const Optimizer& optimizer, const Value& stored) {
  const Value* type = stored.find("type");
  if (type == nullptr || *type == Value(optimizer.choice().name)) return;
  throw Error(ErrorKind::data, "the optimizer's state is that of " +
                                   convert<std::string>(*type, "type") + "; the config has " +
                                   optimizer.choice().name);
}

void require_same_amsgrad(const Optimizer& optimizer, const GroupOptions& own,
                          const GroupOptions& stored) {
  if (own.amsgrad == stored.amsgrad) return;
  const auto text = [](bool amsgrad) { return amsgrad ? "amsgrad=True" : "amsgrad=False"; };
  const std::string& name = optimizer.choice().name;
  throw Error(ErrorKind::data, "the optimizer's state is that of " + name + " with " +
                                   text(stored.amsgrad) + "; the config has " + text(own.amsgrad));
}

}  // namespace

Dict optimizer_settings(const Optimizer& optimizer) {
  List groups;
  for (const GroupOptions& options : optimizer.configured()) {
    groups.items.emplace_back(options_dict(optimizer.choice().rule, options));
  }
  Dict settings;
  settings.set("type", optimizer.choice().name);
  settings.set("groups", std::move(groups));
  return settings;
}

std::vector<std::string> load_settings(Optimizer& optimizer, const Value& stored) {
  require_same_type(optimizer, stored);
  const Value* groups = stored.find("groups");
  std::vector<GroupOptions> options = optimizer.configured();
  // Another number of groups is an error of the schedule's state.
  if (groups == nullptr || !groups->is_sequence() || groups->items().size() != options.size())
    return {};
  const UpdateRule rule = optimizer.choice().rule;
  std::vector<std::string> seen;
  std::vector<std::string> differences;
  for (std::size_t i = 0; i < options.size(); ++i) {
    const Dict before = options_dict(rule, options[i]);
    const GroupOptions after = replaced(rule, options[i], groups->items()[i]);
    require_same_amsgrad(optimizer, options[i], after);
    options[i] = after;
    const Dict now = options_dict(rule, after);
    for (const Dict::Entry& entry : now.entries()) {
      const Value& config = *before.find(entry.key.text);
      if (entry.value == config) continue;
      if (std::find(seen.begin(), seen.end(), entry.key.text) != seen.end()) continue;
      seen.push_back(entry.key.text);
      differences.push_back(entry.key.text + "=" + repr(entry.value) + " instead of " +
                            repr(config));
    }
  }
  optimizer.configure(options);
  return differences;
}

}  // namespace pinfeed
