// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pinfeed/config/catalog.h"
#include "pinfeed/schedule/optimizer_values.h"

namespace pinfeed {

/// The update rule of an optimizer.
enum class UpdateRule { sgd, adam, adamw };

/// What torch.optim.Adam and AdamW set beside the values of OptimizerDefaults.
constexpr double default_beta2 = 0.999;
constexpr double default_eps = 1e-8;

/// The options of one group of parameters. Each optimizer uses those that it has.
struct GroupOptions {
  double lr = 0.0;
  double weight_decay = 0.0;
  double momentum = 0.0;                                                              // SGD
  double dampening = 0.0;                                                             // SGD
  bool nesterov = false;                                                              // SGD
  std::pair<double, double> betas = {*defaults_of("Adam")->momentum, default_beta2};  // Adam, AdamW
  double eps = default_eps;                                                           // Adam, AdamW
  bool amsgrad = false;                                                               // Adam, AdamW
  bool maximize = false;
};

/// An optimizer of a config, without the parameters that it will update.
struct OptimizerChoice {
  std::string name = {};
  UpdateRule rule = UpdateRule::adamw;
  GroupOptions defaults = {};
  bool weight_decay_given = false;  // in the config, so that paramwise_cfg can multiply it
};

struct SGD {
  static constexpr auto name = "SGD";
  double lr = defaults_of(name)->lr;
  double momentum = *defaults_of(name)->momentum;
  double dampening = 0.0;
  std::optional<double> weight_decay = {};
  bool nesterov = false;
  bool maximize = false;
};
void describe(Schema<SGD>& schema);
OptimizerChoice make(const SGD& params);

/// The keys of Adam and AdamW. Their defaults differ in weight_decay only.
struct AdamOptions {
  double lr = defaults_of("Adam")->lr;
  std::vector<double> betas = {*defaults_of("Adam")->momentum, default_beta2};
  double eps = default_eps;
  std::optional<double> weight_decay = {};
  bool amsgrad = false;
  bool maximize = false;
};
static_assert(defaults_of("Adam")->lr == defaults_of("AdamW")->lr &&
              defaults_of("Adam")->momentum == defaults_of("AdamW")->momentum);
void describe(Schema<AdamOptions>& schema);

struct Adam : AdamOptions {
  static constexpr auto name = "Adam";
};
void describe(Schema<Adam>& schema);
OptimizerChoice make(const Adam& params);

struct AdamW : AdamOptions {
  static constexpr auto name = "AdamW";
};
void describe(Schema<AdamW>& schema);
OptimizerChoice make(const AdamW& params);

/// The optimizers by name.
Catalog<OptimizerChoice, std::monostate> optimizers();

}  // namespace pinfeed
