// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 2.3, docs/specs/openmmlab-data.md, 5.4.
#include "pinfeed/train/optim/param_groups.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

constexpr auto custom_keys_path = "optim_wrapper.paramwise_cfg.custom_keys";

// A parameter and the properties that the rules depend on.
struct NamedParameter {
  std::string name;      // in full
  std::string upstream;  // the same of upstream's model
  torch::Tensor tensor;
  bool bias = false;  // its name is 'bias'
  bool norm = false;  // of a normalisation layer
  bool depthwise = false;
};

// The entries of custom_keys, and with which names each of them is matched: upstream's if the key
// is part of one of them, so that configs of upstream mean what they mean there; otherwise
// pinfeed's.
class CustomKeys {
 public:
  CustomKeys(std::vector<CustomKey> keys, const Model& model) : keys_(std::move(keys)) {
    for (const CustomKey& custom : keys_) uses_.push_back(use_of(custom.key, model));
  }

  const std::vector<CustomKey>& keys() const { return keys_; }
  // The first entry for a parameter, or null.
  const CustomKey* matching(const NamedParameter& parameter) const {
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      const bool ours = uses_[i] == NamesInUse::ours;
      const std::string& name = ours ? parameter.name : parameter.upstream;
      if (name.find(keys_[i].key) != std::string::npos) return &keys_[i];
    }
    return nullptr;
  }
  std::vector<std::string> without_match() const {
    std::vector<std::string> keys;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (uses_[i] == NamesInUse::none) keys.push_back(keys_[i].key);
    }
    return keys;
  }

 private:
  enum class NamesInUse { upstream, ours, none };

  // Frozen parameters count too: they have no group, but upstream's configs name them.
  static NamesInUse use_of(const std::string& key, const Model& model) {
    NamesInUse use = NamesInUse::none;
    for (const auto& item : model.named_parameters()) {
      if (model.upstream_name(item.key()).find(key) != std::string::npos)
        return NamesInUse::upstream;
      if (item.key().find(key) != std::string::npos) use = NamesInUse::ours;
    }
    return use;
  }

  std::vector<CustomKey> keys_;
  std::vector<NamesInUse> uses_;
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
void collect(const torch::nn::Module& module, const std::string& prefix, const Model& model,
             std::vector<NamedParameter>& all) {
  for (const auto& item : module.named_parameters(/*recurse=*/false)) {
    if (!item.value().defined() || !item.value().requires_grad()) continue;
    all.push_back({.name = prefix + item.key(),
                   .upstream = model.upstream_name(prefix + item.key()),
                   .tensor = item.value(),
                   .bias = item.key() == "bias",
                   .norm = is_norm(module),
                   .depthwise = is_depthwise(module)});
  }
  for (const auto& child : module.named_children()) {
    collect(*child.value(), prefix + child.key() + ".", model, all);
  }
}

ParamGroup group_of(const NamedParameter& parameter, const GroupOptions& options) {
  return {.names = {parameter.name}, .params = {parameter.tensor}, .options = options};
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
                                  const Model& model,
                                  const std::vector<NamedParameter>& parameters) {
  const CustomKeys customs(custom_keys(rules.custom_keys, optimizer, custom_keys_path), model);
  std::vector<ParamGroup> groups;
  for (const NamedParameter& parameter : parameters) {
    GroupOptions options = optimizer.defaults;
    if (const CustomKey* custom = customs.matching(parameter)) {
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

// The layer that mmdet's rule gives a parameter. Only the backbone has layers; num_layers is that
// of the config, which need not be the backbone's.
int layer_of(const NamedParameter& parameter, const Model& model, int num_layers) {
  if (!parameter.name.starts_with("backbone")) return num_layers + 1;
  const auto [depth, count] = model.layer_depth(parameter.name);
  return depth == count - 1 ? num_layers + 1 : depth;
}

std::vector<ParamGroup> layer_decay(const LayerDecayRules& rules, const OptimizerChoice& optimizer,
                                    const Model& model,
                                    const std::vector<NamedParameter>& parameters) {
  std::vector<ParamGroup> groups;
  std::map<std::pair<int, bool>, std::size_t> index_of;  // by layer and whether it has weight decay
  for (const NamedParameter& parameter : parameters) {
    const int layer = layer_of(parameter, model, rules.num_layers);
    const bool decays = rules.vectors_decay ? model.has_weight_decay(parameter.name)
                                            : parameter.tensor.dim() != 1 && !parameter.bias;
    const auto [position, added] = index_of.try_emplace({layer, decays}, groups.size());
    if (added) {
      GroupOptions options = optimizer.defaults;
      options.lr *= std::pow(rules.rate(), rules.num_layers + 1 - layer);
      if (!decays) options.weight_decay = 0.0;
      groups.push_back({.options = options});
    }
    groups[position->second].names.push_back(parameter.name);
    groups[position->second].params.push_back(parameter.tensor);
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
  const std::string path = custom_keys_path;
  const CustomKeys customs(custom_keys(rules.custom_keys, optimizer, path), model);
  for (const CustomKey& custom : customs.keys()) {
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
    if (optimizer.weight_decay_given)
      options.weight_decay *= decay_mult(rules, customs.matching(parameter), parameter);
    groups.push_back(group_of(parameter, options));
  }
  return groups;
}

// A parameter that two modules share counts only where it is found first.
std::vector<NamedParameter> distinct(std::vector<NamedParameter> parameters,
                                     const GroupRules& rules) {
  const auto* paramwise_rules = std::get_if<ParamwiseRules>(&rules);
  std::set<const void*> seen;
  std::vector<NamedParameter> unique;
  for (NamedParameter& parameter : parameters) {
    if (seen.insert(parameter.tensor.unsafeGetTensorImpl()).second) {
      unique.push_back(std::move(parameter));
    } else if (paramwise_rules != nullptr && !paramwise_rules->bypass_duplicate) {
      throw Error(ErrorKind::config,
                  "the parameter '" + parameter.name + "' is shared by two modules")
          .inside("optim_wrapper.paramwise_cfg")
          .help("set bypass_duplicate=True to count it once");
    }
  }
  return unique;
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
  collect(model, "", model, collected);
  const std::vector<NamedParameter> parameters = distinct(std::move(collected), plan.groups);
  if (const auto* rules = std::get_if<ParamwiseRules>(&plan.groups)) {
    return paramwise(*rules, plan.optimizer, model, parameters);
  }
  if (const auto* rules = std::get_if<LayerDecayRules>(&plan.groups)) {
    return layer_decay(*rules, plan.optimizer, model, parameters);
  }
  if (const auto* rules = std::get_if<LearningRateDecayRules>(&plan.groups)) {
    return learning_rate_decay(*rules, plan.optimizer, model, parameters);
  }
  return one_group(plan.optimizer, parameters);
}

std::vector<std::string> warnings_of_groups(const OptimizerPlan& plan, const Model& model) {
  const Value* keys = nullptr;
  if (const auto* rules = std::get_if<ParamwiseRules>(&plan.groups)) keys = &rules->custom_keys;
  if (const auto* rules = std::get_if<LearningRateDecayRules>(&plan.groups))
    keys = &rules->custom_keys;
  if (keys == nullptr) return {};
  const CustomKeys customs(custom_keys(*keys, plan.optimizer, custom_keys_path), model);
  std::vector<std::string> warnings;
  for (const std::string& key : customs.without_match()) {
    warnings.push_back(std::string(custom_keys_path) + ": '" + key +
                       "' is part of no parameter's name and changes nothing");
  }
  return warnings;
}

}  // namespace pinfeed
