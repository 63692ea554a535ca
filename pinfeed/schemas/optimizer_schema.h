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
enum class UpdateRule { sgd, adam, adamw, rmsprop, lars, lamb };

/// Whether the rule has one option momentum; the others have betas.
constexpr bool has_momentum_option(UpdateRule rule) {
  return rule == UpdateRule::sgd || rule == UpdateRule::rmsprop || rule == UpdateRule::lars;
}

/// What torch.optim.Adam and AdamW set beside the values of OptimizerDefaults.
constexpr double default_beta2 = 0.999;
constexpr double default_eps = 1e-8;

/// The options of one group of parameters. Each optimizer uses those that it has.
struct GroupOptions {
  double lr = 0.0;
  double weight_decay = 0.0;
  double momentum = 0.0;   // SGD, RMSprop, LARS
  double dampening = 0.0;  // SGD, LARS
  bool nesterov = false;   // SGD, LARS
  // Adam, AdamW, Lamb
  std::pair<double, double> betas = {*defaults_of("Adam")->momentum, default_beta2};
  double eps = default_eps;     // all but SGD
  bool amsgrad = false;         // Adam, AdamW
  bool maximize = false;        // SGD, Adam, AdamW, RMSprop
  double alpha = 0.99;          // RMSprop
  bool centered = false;        // RMSprop
  double eta = 0.001;           // LARS
  bool lars_exclude = false;    // LARS: the lr of this group is not adapted; set by custom_keys
  bool bias_correction = true;  // Lamb
  bool grad_averaging = true;   // Lamb
  double max_grad_norm = 1.0;   // Lamb
  bool trust_clip = false;      // Lamb
  bool always_adapt = false;    // Lamb
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

struct RMSprop {
  static constexpr auto name = "RMSprop";
  double lr = defaults_of(name)->lr;
  double alpha = 0.99;
  double eps = default_eps;
  std::optional<double> weight_decay = {};
  double momentum = *defaults_of(name)->momentum;
  bool centered = false;
  bool maximize = false;
};
void describe(Schema<RMSprop>& schema);
OptimizerChoice make(const RMSprop& params);

/// mmpretrain's LARS: SGD whose lr is adapted to each parameter's norm.
struct LARS {
  static constexpr auto name = "LARS";
  double lr = 0.0;
  double momentum = 0.0;
  std::optional<double> weight_decay = {};
  double dampening = 0.0;
  double eta = 0.001;
  bool nesterov = false;
  double eps = default_eps;
};
void describe(Schema<LARS>& schema);
OptimizerChoice make(const LARS& params);

/// mmpretrain's Lamb: AdamW whose step is adapted to each parameter's norm.
struct Lamb {
  static constexpr auto name = "Lamb";
  double lr = defaults_of(name)->lr;
  bool bias_correction = true;
  std::vector<double> betas = {*defaults_of(name)->momentum, default_beta2};
  double eps = 1e-6;
  std::optional<double> weight_decay = {};
  bool grad_averaging = true;
  double max_grad_norm = 1.0;
  bool trust_clip = false;
  bool always_adapt = false;
};
void describe(Schema<Lamb>& schema);
OptimizerChoice make(const Lamb& params);

/// The optimizers by name.
Catalog<OptimizerChoice, std::monostate> optimizers();

}  // namespace pinfeed
