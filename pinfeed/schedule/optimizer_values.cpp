// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the constructors of torch.optim; mmengine/runner/runner.py, scale_lr.
#include "pinfeed/schedule/optimizer_values.h"

#include "pinfeed/config/catalog.h"

namespace pinfeed {
namespace {

// A value and its path in the config.
struct PathedValue {
  const Value* value = nullptr;
  std::string path = {};
};

PathedValue required(const Value& dict, const std::string& path, const std::string& key) {
  const std::string inner = path.empty() ? key : path + "." + key;
  if (!path.empty()) require_dict(dict, path);
  const Value* value = dict.find(key);
  if (value == nullptr || value->is_none()) {
    throw Error(ErrorKind::config,
                path.empty() ? "the config has no " + key : path + " needs the key '" + key + "'")
        .at(dict.span())
        .inside(path);
  }
  return {value, inner};
}

std::optional<double> number(const PathedValue& optimizer, const std::string& key) {
  const Value* value = optimizer.value->find(key);
  if (value == nullptr) return std::nullopt;
  return convert<double>(*value, optimizer.path + "." + key);
}

std::optional<double> momentum_of(const PathedValue& optimizer) {
  if (const auto written = number(optimizer, "momentum")) return written;
  const Value* betas = optimizer.value->find("betas");
  if (betas == nullptr) return std::nullopt;
  const std::string path = optimizer.path + ".betas";
  const auto numbers = convert<std::vector<double>>(*betas, path);
  if (!numbers.empty()) return numbers[0];
  throw Error(ErrorKind::config, "betas is empty; its first number is the momentum")
      .at(betas->span())
      .inside(path);
}

// None is torch's default.
std::optional<double> weight_decay_of(const PathedValue& optimizer) {
  const Value* value = optimizer.value->find("weight_decay");
  return value == nullptr || value->is_none() ? std::nullopt : number(optimizer, "weight_decay");
}

double lr_of(const PathedValue& optimizer, const OptimizerDefaults* defaults) {
  const Value* value = optimizer.value->find("lr");
  if (value == nullptr && defaults != nullptr) return defaults->lr;
  const PathedValue lr = required(*optimizer.value, optimizer.path, "lr");
  const auto rate = convert<double>(*lr.value, lr.path);
  check_range(rate, at_least(0), *lr.value, lr.path);
  return rate;
}

}  // namespace

GroupValues optimizer_values(const Value& config) {
  const PathedValue wrapper = required(config, "", "optim_wrapper");
  return wrapper_values(*wrapper.value, wrapper.path);
}

bool has_momentum(const Value& config) {
  const PathedValue wrapper = required(config, "", "optim_wrapper");
  const PathedValue optimizer = required(*wrapper.value, wrapper.path, "optimizer");
  const std::string name = type_of(*optimizer.value, optimizer.path).name;
  return name == "SGD" || name == "RMSprop" || name == "LARS" ||
         optimizer.value->find("momentum") != nullptr;
}

GroupValues wrapper_values(const Value& wrapper, const std::string& path) {
  const PathedValue optimizer = required(wrapper, path, "optimizer");
  const OptimizerDefaults* defaults = defaults_of(type_of(*optimizer.value, optimizer.path).name);
  GroupValues values{.lr = lr_of(optimizer, defaults),
                     .momentum = momentum_of(optimizer),
                     .weight_decay = weight_decay_of(optimizer)};
  if (defaults != nullptr) {
    if (!values.momentum) values.momentum = defaults->momentum;
    if (!values.weight_decay) values.weight_decay = defaults->weight_decay;
  }
  return values;
}

double lr_scale(const Value& config, int world_size) {
  const Value* scale = config.find("auto_scale_lr");
  if (scale == nullptr || scale->is_none()) return 1.0;
  const std::string path = "auto_scale_lr";
  require_dict(*scale, path);
  const Value* enable = scale->find("enable");
  if (enable == nullptr || !convert<bool>(*enable, path + ".enable")) return 1.0;
  const PathedValue base = required(*scale, path, "base_batch_size");
  const auto base_size = convert<std::int64_t>(*base.value, base.path);
  check_range(static_cast<double>(base_size), at_least(1), *base.value, base.path);
  const PathedValue loader = required(config, "", "train_dataloader");
  const PathedValue batch = required(*loader.value, loader.path, "batch_size");
  const auto batch_size = convert<std::int64_t>(*batch.value, batch.path);
  return static_cast<double>(world_size * batch_size) / static_cast<double>(base_size);
}

}  // namespace pinfeed
