// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "pinfeed/schemas/optimizer_schema.h"
#include "pinfeed/schemas/precision_schema.h"

namespace pinfeed {

/// One entry of custom_keys, for parameters whose full name contains `key`.
struct CustomKey {
  std::string key = {};
  double lr_mult = 1.0;
  double decay_mult = 1.0;
  GroupOptions options = {};  // those named in `set` replace the options of the optimizer
  std::vector<std::string> set = {};
};

/// The rules of paramwise_cfg (docs/specs/openmmlab-runtime.md, 2.3). A multiplier that is not set
/// changes nothing.
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

/// mmdet's layer-wise decay for a ViT: lr x decay_rate^(num_layers + 1 - layer). Norms of the
/// blocks and pos_embed have no weight decay. The keys have two spellings.
struct LayerDecayRules {
  static constexpr auto name = "paramwise_cfg of LayerDecayOptimizerConstructor";
  std::optional<double> decay_rate = {};
  std::optional<double> layer_decay_rate = {};
  std::optional<std::string> decay_type = {};
  std::optional<std::string> layer_decay_type = {};
  int num_layers = 0;
  bool vectors_decay = true;  // False: no vector has weight decay, as LearningRateDecay... of mmdet

  /// The factor of the lr from a layer to the previous one, in whichever spelling.
  double rate() const { return decay_rate.value_or(layer_decay_rate.value_or(1.0)); }
};
void describe(Schema<LayerDecayRules>& schema);

/// mmpretrain's layer-wise decay: lr x layer_decay_rate^(count - 1 - depth), a group for each
/// parameter.
struct LearningRateDecayRules {
  static constexpr auto name = "paramwise_cfg of LearningRateDecayOptimWrapperConstructor";
  double layer_decay_rate = 1.0;
  std::optional<double> bias_decay_mult = {};
  std::optional<double> norm_decay_mult = {};
  std::optional<double> flat_decay_mult = {};
  Value custom_keys = Dict{};
};
void describe(Schema<LearningRateDecayRules>& schema);

/// How parameters are divided into groups; without rules there is one group.
using GroupRules =
    std::variant<std::monostate, ParamwiseRules, LayerDecayRules, LearningRateDecayRules>;

/// Clips gradients before the step.
struct ClipGrad {
  static constexpr auto name = "clip_grad";
  std::string type = "norm";
  std::optional<double> max_norm = {};
  double norm_type = 2.0;
  bool error_if_nonfinite = false;
  std::optional<double> clip_value = {};
};
void describe(Schema<ClipGrad>& schema);

/// The keys of an optim_wrapper. The keys of paramwise_cfg depend on the constructor.
struct OptimWrapper {
  static constexpr auto name = "OptimWrapper";
  Value optimizer = {};
  std::int64_t accumulative_counts = 1;
  std::optional<ClipGrad> clip_grad = {};
  std::string constructor = "DefaultOptimWrapperConstructor";
  Value paramwise_cfg = {};
};
void describe(Schema<OptimWrapper>& schema);

/// OptimWrapper with forward passes in 16 bits.
struct AmpOptimWrapper : OptimWrapper, AmpKeys {
  static constexpr auto name = "AmpOptimWrapper";
};
void describe(Schema<AmpOptimWrapper>& schema);

/// The settings of an optim_wrapper.
struct OptimizerPlan {
  OptimizerChoice optimizer = {};
  GroupRules groups = {};
  std::optional<ClipGrad> clip_grad = {};
  std::int64_t accumulative_counts = 1;              // iterations per update
  std::optional<MixedPrecisionPlan> precision = {};  // empty: float32
};

/// The entries of custom_keys in the order in which they are matched: longest key first, then by
/// name. Throws Error(config).
std::vector<CustomKey> custom_keys(const Value& keys, const OptimizerChoice& optimizer,
                                   const std::string& path);

/// Reads config.optim_wrapper. lr, momentum and weight decay are those of optimizer_values().
/// Throws Error(config).
OptimizerPlan read_optim_wrapper(const Value& config);

}  // namespace pinfeed
