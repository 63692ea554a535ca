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

// The options that a rule has beside lr and weight_decay.
std::vector<OptionOfGroup> own_options(UpdateRule rule) {
  using Options = GroupOptions;
  switch (rule) {
    case UpdateRule::sgd:
      return {{.name = "momentum", .number = &Options::momentum},
              {.name = "dampening", .number = &Options::dampening},
              {.name = "nesterov", .flag = &Options::nesterov},
              {.name = "maximize", .flag = &Options::maximize}};
    case UpdateRule::rmsprop:
      return {{.name = "momentum", .number = &Options::momentum},
              {.name = "alpha", .number = &Options::alpha},
              {.name = "eps", .number = &Options::eps},
              {.name = "centered", .flag = &Options::centered},
              {.name = "maximize", .flag = &Options::maximize}};
    case UpdateRule::lars:
      return {{.name = "momentum", .number = &Options::momentum},
              {.name = "dampening", .number = &Options::dampening},
              {.name = "nesterov", .flag = &Options::nesterov},
              {.name = "eta", .number = &Options::eta},
              {.name = "eps", .number = &Options::eps},
              {.name = "lars_exclude", .flag = &Options::lars_exclude}};
    case UpdateRule::lamb:
      return {{.name = "eps", .number = &Options::eps},
              {.name = "bias_correction", .flag = &Options::bias_correction},
              {.name = "grad_averaging", .flag = &Options::grad_averaging},
              {.name = "max_grad_norm", .number = &Options::max_grad_norm},
              {.name = "trust_clip", .flag = &Options::trust_clip},
              {.name = "always_adapt", .flag = &Options::always_adapt}};
    case UpdateRule::adam:
    case UpdateRule::adamw: break;
  }
  return {{.name = "eps", .number = &Options::eps},
          {.name = "amsgrad", .flag = &Options::amsgrad},
          {.name = "maximize", .flag = &Options::maximize}};
}

std::vector<OptionOfGroup> options_of(UpdateRule rule) {
  std::vector<OptionOfGroup> options = {
      {.name = "lr", .number = &GroupOptions::lr},
      {.name = "weight_decay", .number = &GroupOptions::weight_decay}};
  for (const OptionOfGroup& option : own_options(rule)) options.push_back(option);
  return options;
}

Dict options_dict(UpdateRule rule, const GroupOptions& options) {
  Dict dict;
  for (const OptionOfGroup& option : options_of(rule)) {
    dict.set(option.name, option.number != nullptr ? Value(options.*option.number)
                                                   : Value(options.*option.flag));
  }
  if (!has_momentum_option(rule))
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
  if (betas == nullptr || has_momentum_option(rule)) return options;
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
