// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "pinfeed/schedule/per_group.h"
#include "pinfeed/schedule/schedule.h"

namespace pinfeed {

template <class T>
class Schema;

/// When a scheduler acts: the keys that all of them have.
struct Window {
  static constexpr double forever = 1e9;

  double begin = 0.0;    // first step, in epochs or iterations
  double end = forever;  // first step after
  bool by_epoch = true;
  bool convert_to_iter_based = false;
  std::int64_t last_step = -1;

  /// Steps from the first to the last: end - begin - 1.
  double last() const { return end - begin - 1; }
};
void describe(Schema<Window>& schema);

/// The stage of a scheduler whose counts are what `by_epoch` says:
/// `stage(LinearParamScheduler{...})`. Throws Error(config) where upstream fails, now or later.
template <class Params>
Stage stage(const Params& params, Parameter parameter = Parameter::lr, std::string type = {});

// Each scheduler comes as XxxLR, XxxMomentum and XxxParamScheduler (with param_name). A new one is
// a struct, describe, rule, its place in the list; in_iterations() too if it has counts of its own.

/// Multiplies by `factor` at begin, and takes that back at the last step of the window.
struct ConstantParamScheduler {
  static constexpr std::string_view family = "Constant";

  double factor = 1.0 / 3.0;
  Window window = {};
};
void describe(Schema<ConstantParamScheduler>& schema);
Rule rule(const ConstantParamScheduler& params);

/// A straight line from start_factor to end_factor, reached at the last step of the window.
struct LinearParamScheduler {
  static constexpr std::string_view family = "Linear";

  double start_factor = 1.0 / 3.0;
  double end_factor = 1.0;
  Window window = {};
};
void describe(Schema<LinearParamScheduler>& schema);
Rule rule(const LinearParamScheduler& params);

/// Half a cosine from the value found at begin towards eta_min, T_max steps after begin.
struct CosineAnnealingParamScheduler {
  static constexpr std::string_view family = "CosineAnnealing";

  std::optional<double> T_max = {};          // None or 0: end - begin
  std::optional<double> eta_min = {};        // 0 if neither is given
  std::optional<double> eta_min_ratio = {};  // of the initial value
  Window window = {};
};
void describe(Schema<CosineAnnealingParamScheduler>& schema);
Rule rule(const CosineAnnealingParamScheduler& params);
void in_iterations(CosineAnnealingParamScheduler& params, double epoch_length);

/// Half cosines one after the other, each starting anew at a weight times the initial value.
struct CosineRestartParamScheduler {
  static constexpr std::string_view family = "CosineRestart";

  std::vector<double> periods = {};  // steps of each half cosine
  std::vector<double> restart_weights = {1.0};
  std::optional<double> eta_min = {};  // one of the two must be given
  std::optional<double> eta_min_ratio = {};
  Window window = {};
};
void describe(Schema<CosineRestartParamScheduler>& schema);
Rule rule(const CosineRestartParamScheduler& params);
void in_iterations(CosineRestartParamScheduler& params, double epoch_length);

/// Multiplies by gamma at every step after begin.
struct ExponentialParamScheduler {
  static constexpr std::string_view family = "Exponential";

  double gamma = 0.1;
  Window window = {};
};
void describe(Schema<ExponentialParamScheduler>& schema);
Rule rule(const ExponentialParamScheduler& params);

/// Multiplies by gamma at each milestone, counted from begin; twice at one written twice.
struct MultiStepParamScheduler {
  static constexpr std::string_view family = "MultiStep";

  std::vector<double> milestones = {};
  double gamma = 0.1;
  Window window = {};
};
void describe(Schema<MultiStepParamScheduler>& schema);
Rule rule(const MultiStepParamScheduler& params);
void in_iterations(MultiStepParamScheduler& params, double epoch_length);

/// Multiplies by gamma every step_size steps.
struct StepParamScheduler {
  static constexpr std::string_view family = "Step";

  double step_size = 1.0;
  double gamma = 0.1;
  Window window = {};
};
void describe(Schema<StepParamScheduler>& schema);
Rule rule(const StepParamScheduler& params);
void in_iterations(StepParamScheduler& params, double epoch_length);

/// A power of the way left to the last step of the window, where eta_min is reached.
struct PolyParamScheduler {
  static constexpr std::string_view family = "Poly";

  double eta_min = 0.0;
  double power = 1.0;
  Window window = {};
};
void describe(Schema<PolyParamScheduler>& schema);
Rule rule(const PolyParamScheduler& params);

/// A number that must be written as a float: upstream refuses the int 1.
struct Fraction {
  double value = 0.0;
};

/// Up to eta_max and down again, whatever the value was before.
struct OneCycleParamScheduler {
  static constexpr std::string_view family = "OneCycle";
  static constexpr bool lr_only = true;

  PerGroup eta_max = 0.0;
  std::optional<std::int64_t> total_steps = {};  // None: end - begin
  Fraction pct_start = {0.3};                    // part of the steps that goes up
  std::string anneal_strategy = "cos";
  double div_factor = 25.0;       // eta_max by this is the first value
  double final_div_factor = 1e4;  // the first value by this is the last
  bool three_phase = false;
  Window window = {};
};
void describe(Schema<OneCycleParamScheduler>& schema);
Rule rule(const OneCycleParamScheduler& params);
void in_iterations(OneCycleParamScheduler& params, double epoch_length);
void add_to(Stage& stage, const OneCycleParamScheduler& params);

/// Multiplies by factor when a metric has been no better for `patience` validations.
struct ReduceOnPlateauParamScheduler {
  static constexpr std::string_view family = "ReduceOnPlateau";

  std::string monitor = "loss";
  std::string rule = "less";  // what is better
  double factor = 0.1;
  std::int64_t patience = 10;
  double threshold = 1e-4;
  std::string threshold_rule = "rel";
  std::int64_t cooldown = 0;  // validations left out after a step
  PerGroup min_value = 0.0;
  double eps = 1e-8;  // smaller steps are not made
  Window window = {};
};
void describe(Schema<ReduceOnPlateauParamScheduler>& schema);
Rule rule(const ReduceOnPlateauParamScheduler& params);
void add_to(Stage& stage, const ReduceOnPlateauParamScheduler& params);

/// mmdet's warm-up: the square of the part of the window that is done. It ends at the initial
/// value.
struct QuadraticWarmupParamScheduler {
  static constexpr std::string_view family = "QuadraticWarmup";
  static constexpr bool whole_iterations = false;  // conversion does not cut begin and end

  Window window = {};
};
void describe(Schema<QuadraticWarmupParamScheduler>& schema);
Rule rule(const QuadraticWarmupParamScheduler& params);

/// mmpretrain's cosine of the weight decay. Groups without weight decay stay without.
struct CosineAnnealingWeightDecay {
  static constexpr std::string_view name = "CosineAnnealingWeightDecay";
  static constexpr Parameter parameter = Parameter::weight_decay;

  std::optional<double> T_max = {};
  std::optional<double> eta_min = {};
  std::optional<double> eta_min_ratio = {};
  Window window = {};
};
void describe(Schema<CosineAnnealingWeightDecay>& schema);
Rule rule(const CosineAnnealingWeightDecay& params);
void in_iterations(CosineAnnealingWeightDecay& params, double epoch_length);

using BuiltinSchedulers =
    std::tuple<ConstantParamScheduler, LinearParamScheduler, CosineAnnealingParamScheduler,
               CosineRestartParamScheduler, ExponentialParamScheduler, MultiStepParamScheduler,
               StepParamScheduler, PolyParamScheduler, OneCycleParamScheduler,
               ReduceOnPlateauParamScheduler, QuadraticWarmupParamScheduler,
               CosineAnnealingWeightDecay>;

}  // namespace pinfeed
