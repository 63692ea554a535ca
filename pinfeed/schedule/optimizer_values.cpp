// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the constructors of torch.optim; mmengine/runner/runner.py, scale_lr.
#include <array>

#include "pinfeed/config/catalog.h"
#include "pinfeed/config/convert.h"
#include "pinfeed/schedule/read_schedule.h"

namespace pinfeed {
namespace {

// What torch.optim sets where the config says nothing. Momentum empty: the optimizer has none.
struct Defaults {
  std::string_view name;
  std::optional<double> lr;
  std::optional<double> momentum;
  double weight_decay;
};
constexpr std::array<Defaults, 10> torch_defaults = {{
    {"SGD", 1e-3, 0.0, 0.0},
    {"Adam", 1e-3, 0.9, 0.0},
    {"AdamW", 1e-3, 0.9, 1e-2},
    {"NAdam", 2e-3, 0.9, 0.0},
    {"RAdam", 1e-3, 0.9, 0.0},
    {"Adamax", 2e-3, 0.9, 0.0},
    {"RMSprop", 1e-2, 0.0, 0.0},
    {"Adagrad", 1e-2, std::nullopt, 0.0},
    {"Adadelta", 1.0, std::nullopt, 0.0},
    {"ASGD", 1e-2, std::nullopt, 0.0},
}};

const Defaults* defaults_of(std::string_view name) {
  for (const Defaults& known : torch_defaults) {
    if (known.name == name) return &known;
  }
  return nullptr;
}

// A key of a nested dictionary, with its path.
struct Found {
  const Value* value = nullptr;
  std::string path = {};
};

Found required(const Value& dict, const std::string& path, const std::string& key) {
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

std::optional<double> number(const Found& optimizer, const std::string& key) {
  const Value* value = optimizer.value->find(key);
  if (value == nullptr) return std::nullopt;
  return convert<double>(*value, optimizer.path + "." + key);
}

std::optional<double> momentum_of(const Found& optimizer) {
  if (const auto written = number(optimizer, "momentum")) return written;
  const Value* betas = optimizer.value->find("betas");
  if (betas == nullptr) return std::nullopt;
  return convert<std::vector<double>>(*betas, optimizer.path + ".betas").at(0);
}

}  // namespace

GroupValues optimizer_values(const Value& config) {
  const Found wrapper = required(config, "", "optim_wrapper");
  return wrapper_values(*wrapper.value, wrapper.path);
}

bool has_momentum(const Value& config) {
  const Found wrapper = required(config, "", "optim_wrapper");
  const Found optimizer = required(*wrapper.value, wrapper.path, "optimizer");
  const std::string name = type_of(*optimizer.value, optimizer.path).name;
  return name == "SGD" || name == "RMSprop" || optimizer.value->find("momentum") != nullptr;
}

GroupValues wrapper_values(const Value& wrapper, const std::string& path) {
  const Found optimizer = required(wrapper, path, "optimizer");
  const Defaults* standard = defaults_of(type_of(*optimizer.value, optimizer.path).name);
  GroupValues values;
  values.momentum = momentum_of(optimizer);
  values.weight_decay = number(optimizer, "weight_decay");
  if (standard != nullptr) {
    if (!values.momentum) values.momentum = standard->momentum;
    if (!values.weight_decay) values.weight_decay = standard->weight_decay;
  }
  const auto lr = number(optimizer, "lr");
  if (!lr && (standard == nullptr || !standard->lr))
    required(*optimizer.value, optimizer.path, "lr");
  values.lr = lr ? *lr : *standard->lr;
  return values;
}

double lr_scale(const Value& config, int world_size) {
  const Value* scale = config.find("auto_scale_lr");
  if (scale == nullptr || scale->is_none()) return 1.0;
  const std::string path = "auto_scale_lr";
  require_dict(*scale, path);
  const Value* enable = scale->find("enable");
  if (enable == nullptr || !convert<bool>(*enable, path + ".enable")) return 1.0;
  const Found base = required(*scale, path, "base_batch_size");
  const auto base_size = convert<std::int64_t>(*base.value, base.path);
  check_range(static_cast<double>(base_size), at_least(1), *base.value, base.path);
  const Found loader = required(config, "", "train_dataloader");
  const Found batch = required(*loader.value, loader.path, "batch_size");
  const auto batch_size = convert<std::int64_t>(*batch.value, batch.path);
  return static_cast<double>(world_size * batch_size) / static_cast<double>(base_size);
}

}  // namespace pinfeed
