// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 2.3 and 6,
// docs/specs/openmmlab-data.md, 5.4.
#include "pinfeed/schemas/optim_wrapper_schema.h"

#include <algorithm>

namespace pinfeed {
namespace {

struct Constructor {
  std::string name;
  GroupRules (*read)(const Value& rules, const std::string& path);
};

template <class Rules>
GroupRules read_rules(const Value& rules, const std::string& path) {
  return schema_of<Rules>().parse(rules, path);
}

GroupRules read_default_rules(const Value& rules, const std::string& path) {
  if (rules.is_none() || (rules.is_dict() && rules.dict().empty())) return std::monostate();
  return read_rules<ParamwiseRules>(rules, path);
}

GroupRules read_vector_rules(const Value& rules, const std::string& path) {
  LayerDecayRules decay = schema_of<LayerDecayRules>().parse(rules, path);
  decay.vectors_decay = false;
  return decay;
}

// With num_layers the rules are mmdet's; without, the model knows its layers, as in mmpretrain.
GroupRules read_decay_rules(const Value& rules, const std::string& path) {
  const bool counted = rules.is_dict() && rules.find("num_layers") != nullptr;
  return counted ? read_rules<LayerDecayRules>(rules, path)
                 : read_rules<LearningRateDecayRules>(rules, path);
}

const std::vector<Constructor>& constructors() {
  static const std::vector<Constructor> all = {
      {"DefaultOptimWrapperConstructor", read_default_rules},
      {"LayerDecayOptimizerConstructor", read_rules<LayerDecayRules>},
      {"LearningRateDecayOptimizerConstructor", read_vector_rules},
      {"LayerDecayOptimWrapperConstructor", read_decay_rules},
      {"LearningRateDecayOptimWrapperConstructor", read_decay_rules}};
  return all;
}

std::string bare_name(const std::string& name) { return name.substr(name.rfind('.') + 1); }

GroupRules read_groups(const OptimWrapper& params, const Value& wrapper) {
  std::vector<std::string> names;
  for (const Constructor& constructor : constructors()) {
    names.push_back(constructor.name);
    if (constructor.name == bare_name(params.constructor)) {
      return constructor.read(params.paramwise_cfg, "optim_wrapper.paramwise_cfg");
    }
  }
  throw Error(ErrorKind::config, "there is no optimizer constructor '" + params.constructor + "'")
      .at(wrapper.find("constructor")->span())
      .inside("optim_wrapper.constructor")
      .help("the constructors are " + joined(names));
}

// lr, momentum and weight decay have one reader, which `pinfeed lr` calls too.
void set_values(OptimizerChoice& optimizer, const GroupValues& values) {
  GroupOptions& options = optimizer.defaults;
  options.lr = values.lr;
  options.weight_decay = values.weight_decay.value_or(options.weight_decay);
  double& momentum = has_momentum_option(optimizer.rule) ? options.momentum : options.betas.first;
  momentum = values.momentum.value_or(momentum);
}

// The key of paramwise_cfg that multiplies weight_decay; empty if none does.
std::string decay_multiplier(const GroupRules& groups, const OptimizerChoice& optimizer) {
  const auto first = [&](const auto& rules) -> std::string {
    if (rules.bias_decay_mult) return "bias_decay_mult";
    if (rules.norm_decay_mult) return "norm_decay_mult";
    for (const CustomKey& custom :
         custom_keys(rules.custom_keys, optimizer, "optim_wrapper.paramwise_cfg.custom_keys")) {
      const auto& set = custom.set;
      if (std::find(set.begin(), set.end(), "decay_mult") != set.end())
        return "custom_keys['" + custom.key + "'].decay_mult";
    }
    return "";
  };
  if (const auto* rules = std::get_if<LearningRateDecayRules>(&groups)) return first(*rules);
  const auto* rules = std::get_if<ParamwiseRules>(&groups);
  if (rules == nullptr) return "";
  return rules->dwconv_decay_mult ? "dwconv_decay_mult" : first(*rules);
}

void check_multipliers(const OptimizerPlan& plan, const Value& rules) {
  if (plan.optimizer.weight_decay_given) return;
  const std::string key = decay_multiplier(plan.groups, plan.optimizer);
  if (key.empty()) return;
  throw Error(ErrorKind::config, key + " multiplies weight_decay, which the optimizer does not set")
      .at(rules.span())
      .inside("optim_wrapper.paramwise_cfg")
      .help("write optimizer = dict(..., weight_decay=...)");
}

// The wrapper of a config; both types have the keys of AmpOptimWrapper then.
AmpOptimWrapper read_wrapper(const Value& wrapper, const std::string& path) {
  const std::string type = wrapper.find("type") != nullptr ? type_of(wrapper, path).name
                                                           : std::string(OptimWrapper::name);
  if (type == AmpOptimWrapper::name) return schema_of<AmpOptimWrapper>().parse(wrapper, path);
  if (type == OptimWrapper::name) return {schema_of<OptimWrapper>().parse(wrapper, path), {}};
  throw unknown_type("optimizer wrapper", wrapper, path,
                     {OptimWrapper::name, AmpOptimWrapper::name});
}

std::optional<MixedPrecisionPlan> precision_of(const AmpOptimWrapper& params, const Value& wrapper,
                                               const std::string& path) {
  const Value* type = wrapper.find("type");
  if (type == nullptr || type_of(wrapper, path).name != AmpOptimWrapper::name) return std::nullopt;
  return make(static_cast<const AmpKeys&>(params), path);
}

// Sets the option of this entry.
void set_option(CustomKey& custom, const Dict::Entry& entry, const std::string& path) {
  const std::string& key = entry.key.text;
  GroupOptions& options = custom.options;
  if (key == "lr_mult") {
    custom.lr_mult = convert<double>(entry.value, path);
  } else if (key == "decay_mult") {
    custom.decay_mult = convert<double>(entry.value, path);
  } else if (key == "momentum") {
    options.momentum = convert<double>(entry.value, path);
  } else if (key == "eps") {
    options.eps = convert<double>(entry.value, path);
  } else if (key == "lars_exclude") {
    options.lars_exclude = convert<bool>(entry.value, path);
  } else if (key == "betas") {
    const auto betas = convert<std::array<double, 2>>(entry.value, path);
    options.betas = {betas[0], betas[1]};
  } else {
    throw Error(ErrorKind::config, "custom_keys has no option '" + key + "'")
        .at(entry.span)
        .inside(path)
        .help("the options are lr_mult, decay_mult, momentum, eps, betas, lars_exclude");
  }
  custom.set.push_back(key);
}

CustomKey custom_key(const Dict::Entry& entry, const GroupOptions& defaults,
                     const std::string& path) {
  require_dict(entry.value, path);
  CustomKey custom{.key = entry.key.text, .options = defaults};
  for (const Dict::Entry& option : entry.value.dict().entries()) {
    set_option(custom, option, path + "." + option.key.text);
  }
  return custom;
}

void check_layer_decay(const LayerDecayRules& params) {
  if (params.decay_rate.has_value() == params.layer_decay_rate.has_value()) {
    throw Error(ErrorKind::config, params.decay_rate
                                       ? "decay_rate and layer_decay_rate are the same key"
                                       : "layer-wise decay needs decay_rate");
  }
  for (const auto& type : {params.decay_type, params.layer_decay_type}) {
    if (!type || *type == "layer_wise") continue;
    throw Error(ErrorKind::config, "decay_type is '" + *type + "'; it must be 'layer_wise'");
  }
}

}  // namespace

void describe(Schema<OptimWrapper>& schema) {
  schema
      .summary("An optimizer, groups of parameters, and how gradients are accumulated and clipped.")
      .required("optimizer", &OptimWrapper::optimizer, "dict(type='AdamW', lr=...)")
      .optional("accumulative_counts", &OptimWrapper::accumulative_counts, "iterations per update",
                count_from(1))
      .optional("clip_grad", &OptimWrapper::clip_grad, "clips gradients before the step")
      .optional("constructor", &OptimWrapper::constructor,
                "how parameters are grouped; decides the keys of paramwise_cfg")
      .optional("paramwise_cfg", &OptimWrapper::paramwise_cfg,
                "rules for the options of parameters");
}

void describe(Schema<AmpOptimWrapper>& schema) {
  schema.include<OptimWrapper>().include<AmpKeys>().summary(
      "OptimWrapper with forward passes in 16 bits: float16 on CUDA, bfloat16 on a CPU with bf16 "
      "instructions; on another CPU float32.");
}

void describe(Schema<ParamwiseRules>& schema) {
  schema.summary("Rules for the options of parameters.")
      .optional("custom_keys", &ParamwiseRules::custom_keys,
                "dict(part_of_a_name=dict(lr_mult=, decay_mult=))")
      .optional("bias_lr_mult", &ParamwiseRules::bias_lr_mult,
                "of biases, except those of norm layers")
      .optional("bias_decay_mult", &ParamwiseRules::bias_decay_mult,
                "of biases, except those of norm layers")
      .optional("norm_decay_mult", &ParamwiseRules::norm_decay_mult, "of norm layers")
      .optional("flat_decay_mult", &ParamwiseRules::flat_decay_mult,
                "of one-dimensional parameters")
      .optional("dwconv_decay_mult", &ParamwiseRules::dwconv_decay_mult,
                "of depth-wise convolutions")
      .optional("bypass_duplicate", &ParamwiseRules::bypass_duplicate,
                "add a shared parameter once")
      .accepted("dcn_offset_lr_mult", "no model has deformable convolutions");
}

void describe(Schema<LayerDecayRules>& schema) {
  schema.summary("Layer-wise decay of the learning rate of a ViT.")
      .optional("decay_rate", &LayerDecayRules::decay_rate,
                "factor of the lr from a layer to the previous one", between(0, 1))
      .optional("layer_decay_rate", &LayerDecayRules::layer_decay_rate,
                "another name of decay_rate", between(0, 1))
      .optional("decay_type", &LayerDecayRules::decay_type, "'layer_wise'")
      .optional("layer_decay_type", &LayerDecayRules::layer_decay_type,
                "another name of decay_type")
      .required("num_layers", &LayerDecayRules::num_layers, "blocks of the backbone", at_least(1))
      .check(check_layer_decay);
}

void describe(Schema<LearningRateDecayRules>& schema) {
  schema.summary("Layer-wise decay of the learning rate; the model defines its layers.")
      .required("layer_decay_rate", &LearningRateDecayRules::layer_decay_rate,
                "factor of the lr from a layer to the previous one", between(0, 1))
      .optional("custom_keys", &LearningRateDecayRules::custom_keys,
                "dict(part_of_a_name=dict(decay_mult=))")
      .optional("bias_decay_mult", &LearningRateDecayRules::bias_decay_mult,
                "of biases, except those of norm layers")
      .optional("norm_decay_mult", &LearningRateDecayRules::norm_decay_mult, "of norm layers")
      .optional("flat_decay_mult", &LearningRateDecayRules::flat_decay_mult,
                "of one-dimensional parameters");
}

void describe(Schema<ClipGrad>& schema) {
  schema.summary("Clips gradients before the step.")
      .optional("type", &ClipGrad::type, "'norm' or 'value'")
      .optional("max_norm", &ClipGrad::max_norm, "maximum norm of the gradient of all parameters")
      .optional("norm_type", &ClipGrad::norm_type, "2: Euclidean; inf: maximum")
      .optional("error_if_nonfinite", &ClipGrad::error_if_nonfinite, "stop at a norm of inf or nan")
      .optional("clip_value", &ClipGrad::clip_value, "maximum absolute value of a gradient")
      .check([](const ClipGrad& params) {
        const bool norm = params.type == "norm";
        if (!norm && params.type != "value") {
          throw Error(ErrorKind::config,
                      "clip_grad.type is '" + params.type + "'; it must be 'norm' or 'value'");
        }
        if (norm ? params.max_norm.has_value() : params.clip_value.has_value()) return;
        throw Error(ErrorKind::config,
                    norm ? "clip_grad needs max_norm" : "clip_grad needs clip_value");
      });
}

std::vector<CustomKey> custom_keys(const Value& keys, const OptimizerChoice& optimizer,
                                   const std::string& path) {
  std::vector<CustomKey> customs;
  if (keys.is_none()) return customs;
  require_dict(keys, path);
  for (const Dict::Entry& entry : keys.dict().entries()) {
    customs.push_back(custom_key(entry, optimizer.defaults, path + "." + entry.key.text));
  }
  std::sort(customs.begin(), customs.end(), [](const CustomKey& a, const CustomKey& b) {
    return a.key.size() != b.key.size() ? a.key.size() > b.key.size() : a.key < b.key;
  });
  return customs;
}

OptimizerPlan read_optim_wrapper(const Value& config) {
  const Value* wrapper = config.find("optim_wrapper");
  if (wrapper == nullptr || wrapper->is_none()) {
    throw Error(ErrorKind::config, "the config has no optim_wrapper")
        .help("optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=...))");
  }
  require_dict(*wrapper, "optim_wrapper");
  const AmpOptimWrapper params = read_wrapper(*wrapper, "optim_wrapper");
  OptimizerPlan plan{
      .optimizer = optimizers().make(params.optimizer, "optim_wrapper.optimizer", {}),
      .groups = read_groups(params, *wrapper),
      .clip_grad = params.clip_grad,
      .accumulative_counts = params.accumulative_counts,
      .precision = precision_of(params, *wrapper, "optim_wrapper")};
  set_values(plan.optimizer, optimizer_values(config));
  check_multipliers(plan, params.paramwise_cfg);
  return plan;
}

}  // namespace pinfeed
