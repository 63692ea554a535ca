// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 2.3, docs/specs/openmmlab-data.md, 5.4.
#include "pinfeed/train/optim/param_groups.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

// A parameter and what the rules ask about it.
struct NamedParameter {
  std::string name;  // in full
  torch::Tensor tensor;
  bool bias = false;  // is called 'bias'
  bool norm = false;  // of a normalising layer
  bool depthwise = false;

  bool is(const std::string& part) const { return name.find(part) != std::string::npos; }
};

template <class... Layers>
bool is_any(const torch::nn::Module& module) {
  return ((dynamic_cast<const Layers*>(&module) != nullptr) || ...);
}

bool is_norm(const torch::nn::Module& module) {
  return is_any<torch::nn::LayerNormImpl, torch::nn::GroupNormImpl, torch::nn::BatchNorm1dImpl,
                torch::nn::BatchNorm2dImpl, torch::nn::BatchNorm3dImpl,
                torch::nn::InstanceNorm1dImpl, torch::nn::InstanceNorm2dImpl,
                torch::nn::InstanceNorm3dImpl>(module);
}

bool is_depthwise(const torch::nn::Module& module) {
  const auto* conv = dynamic_cast<const torch::nn::Conv2dImpl*>(&module);
  return conv != nullptr && conv->options.groups() == conv->options.in_channels();
}

// A module's own parameters first, then its children's, in the order they were registered.
void collect(const torch::nn::Module& module, const std::string& prefix,
             std::vector<NamedParameter>& all) {
  for (const auto& item : module.named_parameters(/*recurse=*/false)) {
    if (!item.value().defined() || !item.value().requires_grad()) continue;
    all.push_back({.name = prefix + item.key(),
                   .tensor = item.value(),
                   .bias = item.key() == "bias",
                   .norm = is_norm(module),
                   .depthwise = is_depthwise(module)});
  }
  for (const auto& child : module.named_children()) {
    collect(*child.value(), prefix + child.key() + ".", all);
  }
}

ParamGroup group_of(const NamedParameter& parameter, const GroupOptions& options) {
  return {.names = {parameter.name}, .params = {parameter.tensor}, .options = options};
}

const CustomKey* matching(const std::vector<CustomKey>& customs, const NamedParameter& parameter) {
  for (const CustomKey& custom : customs) {
    if (parameter.is(custom.key)) return &custom;
  }
  return nullptr;
}

GroupOptions custom_options(const CustomKey& custom, const OptimizerChoice& optimizer) {
  GroupOptions options = custom.options;
  options.lr = optimizer.defaults.lr * custom.lr_mult;
  if (optimizer.weight_decay_given) {
    options.weight_decay = optimizer.defaults.weight_decay * custom.decay_mult;
  }
  return options;
}

std::optional<double> decay_mult(const ParamwiseRules& rules, const NamedParameter& parameter) {
  if (parameter.norm && rules.norm_decay_mult) return rules.norm_decay_mult;
  if (parameter.bias && rules.bias_decay_mult) return rules.bias_decay_mult;
  if (parameter.depthwise && rules.dwconv_decay_mult) return rules.dwconv_decay_mult;
  if (parameter.tensor.dim() == 1 && rules.flat_decay_mult) return rules.flat_decay_mult;
  return std::nullopt;
}

std::vector<ParamGroup> paramwise(const ParamwiseRules& rules, const OptimizerChoice& optimizer,
                                  const std::vector<NamedParameter>& parameters) {
  const std::vector<CustomKey> customs =
      custom_keys(rules.custom_keys, optimizer, "optim_wrapper.paramwise_cfg.custom_keys");
  std::vector<ParamGroup> groups;
  for (const NamedParameter& parameter : parameters) {
    GroupOptions options = optimizer.defaults;
    if (const CustomKey* custom = matching(customs, parameter)) {
      options = custom_options(*custom, optimizer);
    } else {
      if (parameter.bias && !parameter.norm && rules.bias_lr_mult)
        options.lr *= *rules.bias_lr_mult;
      if (optimizer.weight_decay_given)
        options.weight_decay *= decay_mult(rules, parameter).value_or(1.0);
    }
    groups.push_back(group_of(parameter, options));
  }
  return groups;
}

// The number after ".blocks.", or empty.
std::optional<int> block_of(const std::string& name) {
  const std::string mark = ".blocks.";
  const std::size_t at = name.find(mark);
  if (at == std::string::npos) return std::nullopt;
  return std::atoi(name.c_str() + at + mark.size());
}

int layer_of(const NamedParameter& parameter, int num_layers) {
  const bool backbone = parameter.name.starts_with("backbone");
  if (backbone && (parameter.is("patch_embed") || parameter.is("pos_embed"))) return 0;
  const std::optional<int> block = backbone ? block_of(parameter.name) : std::nullopt;
  return block ? *block + 1 : num_layers + 1;
}

bool stays_undecayed(const NamedParameter& parameter) {
  const bool norm = parameter.name.starts_with("backbone.blocks") && parameter.is("norm");
  return norm || parameter.is("pos_embed");
}

std::vector<ParamGroup> layer_decay(const LayerDecayRules& rules, const OptimizerChoice& optimizer,
                                    const std::vector<NamedParameter>& parameters) {
  std::vector<ParamGroup> groups;
  std::map<std::tuple<int, bool, bool>, std::size_t>
      index_of;  // layer, undecayed, of the positions
  for (const NamedParameter& parameter : parameters) {
    const int layer = layer_of(parameter, rules.num_layers);
    const bool undecayed = stays_undecayed(parameter);
    const auto [known, added] =
        index_of.try_emplace({layer, undecayed, parameter.is("pos_embed")}, groups.size());
    if (added) {
      GroupOptions options = optimizer.defaults;
      options.lr *= std::pow(rules.decay_rate, rules.num_layers + 1 - layer);
      if (undecayed) options.weight_decay = 0.0;
      groups.push_back({.options = options});
    }
    groups[known->second].names.push_back(parameter.name);
    groups[known->second].params.push_back(parameter.tensor);
  }
  return groups;
}

double decay_mult(const LearningRateDecayRules& rules, const CustomKey* custom,
                  const NamedParameter& parameter) {
  if (custom != nullptr) return custom->decay_mult;
  if (parameter.norm && rules.norm_decay_mult) return *rules.norm_decay_mult;
  if (parameter.bias && rules.bias_decay_mult) return *rules.bias_decay_mult;
  if (parameter.tensor.dim() == 1 && rules.flat_decay_mult) return *rules.flat_decay_mult;
  return 1.0;
}

std::vector<ParamGroup> learning_rate_decay(const LearningRateDecayRules& rules,
                                            const OptimizerChoice& optimizer, const Model& model,
                                            const std::vector<NamedParameter>& parameters) {
  const std::string path = "optim_wrapper.paramwise_cfg.custom_keys";
  const std::vector<CustomKey> customs = custom_keys(rules.custom_keys, optimizer, path);
  for (const CustomKey& custom : customs) {
    if (std::find(custom.set.begin(), custom.set.end(), "lr_mult") == custom.set.end()) continue;
    throw Error(ErrorKind::config, "layer-wise decay does not support lr_mult")
        .at(rules.custom_keys.find(custom.key)->span())
        .inside(path + "." + custom.key);
  }
  std::vector<ParamGroup> groups;
  for (const NamedParameter& parameter : parameters) {
    const auto [depth, count] = model.layer_depth(parameter.name);
    GroupOptions options = optimizer.defaults;
    options.lr *= std::pow(rules.layer_decay_rate, count - depth - 1);
    options.weight_decay *= decay_mult(rules, matching(customs, parameter), parameter);
    groups.push_back(group_of(parameter, options));
  }
  return groups;
}

// A parameter that two modules share is kept where it is met first.
std::vector<NamedParameter> distinct(std::vector<NamedParameter> parameters,
                                     const GroupRules& rules) {
  const auto* paramwise_rules = std::get_if<ParamwiseRules>(&rules);
  std::set<const void*> seen;
  std::vector<NamedParameter> kept;
  for (NamedParameter& parameter : parameters) {
    if (seen.insert(parameter.tensor.unsafeGetTensorImpl()).second) {
      kept.push_back(std::move(parameter));
    } else if (paramwise_rules != nullptr && !paramwise_rules->bypass_duplicate) {
      throw Error(ErrorKind::config,
                  "the parameter '" + parameter.name + "' is shared by two modules")
          .inside("optim_wrapper.paramwise_cfg")
          .help("set bypass_duplicate=True to count it once");
    }
  }
  return kept;
}

std::vector<ParamGroup> one_group(const OptimizerChoice& optimizer,
                                  const std::vector<NamedParameter>& parameters) {
  ParamGroup all{.options = optimizer.defaults};
  for (const NamedParameter& parameter : parameters) {
    all.names.push_back(parameter.name);
    all.params.push_back(parameter.tensor);
  }
  return {all};
}

}  // namespace

std::vector<ParamGroup> param_groups(const OptimizerPlan& plan, const Model& model) {
  std::vector<NamedParameter> collected;
  collect(model, "", collected);
  const std::vector<NamedParameter> parameters = distinct(std::move(collected), plan.groups);
  if (const auto* rules = std::get_if<ParamwiseRules>(&plan.groups)) {
    return paramwise(*rules, plan.optimizer, parameters);
  }
  if (const auto* rules = std::get_if<LayerDecayRules>(&plan.groups)) {
    return layer_decay(*rules, plan.optimizer, parameters);
  }
  if (const auto* rules = std::get_if<LearningRateDecayRules>(&plan.groups)) {
    return learning_rate_decay(*rules, plan.optimizer, model, parameters);
  }
  return one_group(plan.optimizer, parameters);
}

}  // namespace pinfeed
