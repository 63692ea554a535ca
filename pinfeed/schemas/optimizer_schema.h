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

/// The rule that moves parameters along their gradients.
enum class UpdateRule { sgd, adam, adamw };

/// What one group of parameters is optimised with. Each optimizer reads its own part.
struct GroupOptions {
  double lr = 0.0;
  double weight_decay = 0.0;
  double momentum = 0.0;                           // SGD
  double dampening = 0.0;                          // SGD
  bool nesterov = false;                           // SGD
  std::pair<double, double> betas = {0.9, 0.999};  // Adam, AdamW
  double eps = 1e-8;                               // Adam, AdamW
  bool amsgrad = false;                            // Adam, AdamW
  bool maximize = false;
};

/// An optimizer before it has parameters.
struct OptimizerChoice {
  std::string name = {};
  UpdateRule rule = UpdateRule::adamw;
  GroupOptions defaults = {};
  bool weight_decay_given = false;  // the config names it: paramwise rules may multiply it
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

struct Adam {
  static constexpr auto name = "Adam";
  double lr = defaults_of(name)->lr;
  std::vector<double> betas = {*defaults_of(name)->momentum, 0.999};
  double eps = 1e-8;
  std::optional<double> weight_decay = {};
  bool amsgrad = false;
  bool maximize = false;
};
void describe(Schema<Adam>& schema);
OptimizerChoice make(const Adam& params);

struct AdamW {
  static constexpr auto name = "AdamW";
  double lr = defaults_of(name)->lr;
  std::vector<double> betas = {*defaults_of(name)->momentum, 0.999};
  double eps = 1e-8;
  std::optional<double> weight_decay = {};
  bool amsgrad = false;
  bool maximize = false;
};
void describe(Schema<AdamW>& schema);
OptimizerChoice make(const AdamW& params);

/// One entry of custom_keys: parameters whose full name holds `key`.
struct CustomKey {
  std::string key = {};
  double lr_mult = 1.0;
  double decay_mult = 1.0;
  GroupOptions options = {};  // those named in `set` replace the optimizer's
  std::vector<std::string> set = {};
};

/// The rules of paramwise_cfg (docs/specs/openmmlab-runtime.md, 2.3). Unset multipliers leave the
/// optimizer's defaults.
struct ParamwiseRules {
  static constexpr auto name = "paramwise_cfg";
  std::optional<double> bias_lr_mult = {};
  std::optional<double> bias_decay_mult = {};
  std::optional<double> norm_decay_mult = {};
  std::optional<double> flat_decay_mult = {};
  std::optional<double> dwconv_decay_mult = {};
  bool bypass_duplicate = false;
  Value custom_keys = Dict{};
};
void describe(Schema<ParamwiseRules>& schema);

/// mmdet's layer-wise decay of a ViT: lr x decay_rate^(num_layers + 1 - layer); no weight decay on
/// norms of the blocks and on pos_embed.
struct LayerDecayRules {
  static constexpr auto name = "paramwise_cfg of LayerDecayOptimizerConstructor";
  double decay_rate = 1.0;
  std::string decay_type = "layer_wise";
  int num_layers = 0;
};
void describe(Schema<LayerDecayRules>& schema);

/// mmpretrain's layer-wise decay: lr x layer_decay_rate^(count - 1 - depth), a group per parameter.
struct LearningRateDecayRules {
  static constexpr auto name = "paramwise_cfg of LearningRateDecayOptimWrapperConstructor";
  double layer_decay_rate = 1.0;
  std::optional<double> bias_decay_mult = {};
  std::optional<double> norm_decay_mult = {};
  std::optional<double> flat_decay_mult = {};
  Value custom_keys = Dict{};
};
void describe(Schema<LearningRateDecayRules>& schema);

/// How parameters are put into groups. Without rules: one group of all.
using GroupRules =
    std::variant<std::monostate, ParamwiseRules, LayerDecayRules, LearningRateDecayRules>;

/// Bounds gradients before the step.
struct ClipGrad {
  static constexpr auto name = "clip_grad";
  std::string type = "norm";
  std::optional<double> max_norm = {};
  double norm_type = 2.0;
  bool error_if_nonfinite = false;
  std::optional<double> clip_value = {};
};
void describe(Schema<ClipGrad>& schema);

/// The keys of an optim_wrapper. What paramwise_cfg may hold depends on the constructor.
struct OptimWrapper {
  static constexpr auto name = "OptimWrapper";
  Value optimizer = {};
  std::int64_t accumulative_counts = 1;
  std::optional<ClipGrad> clip_grad = {};
  std::string constructor = "DefaultOptimWrapperConstructor";
  Value paramwise_cfg = {};
};
void describe(Schema<OptimWrapper>& schema);

/// An optim_wrapper of a config, read and checked.
struct OptimizerPlan {
  OptimizerChoice optimizer = {};
  GroupRules groups = {};
  std::optional<ClipGrad> clip_grad = {};
  std::int64_t accumulative_counts = 1;  // iterations per update
};

/// The entries of a custom_keys dictionary in the order they are tried: by name, longest first.
std::vector<CustomKey> custom_keys(const Value& keys, const OptimizerChoice& optimizer,
                                   const std::string& path);

/// Optimizers by name.
Catalog<OptimizerChoice, std::monostate> optimizers();

/// Reads config.optim_wrapper. Throws Error(config).
OptimizerPlan read_optim_wrapper(const Value& config);

}  // namespace pinfeed
