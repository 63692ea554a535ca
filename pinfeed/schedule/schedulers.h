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

/// The keys that all schedulers have: when a scheduler acts.
struct Window {
  static constexpr double forever = 1e9;

  double begin = 0.0;    // first step, in epochs or iterations
  double end = forever;  // first step after the window
  bool by_epoch = true;
  bool convert_to_iter_based = false;
  std::int64_t last_step = -1;

  /// Number of the last step, counted from 0 at begin: end - begin - 1.
  double last() const { return end - begin - 1; }
};
void describe(Schema<Window>& schema);

/// The stage of a scheduler: `stage(LinearParamScheduler{...})`. Converts no epochs to iterations.
/// Throws Error(config) for parameters with which upstream fails, at once or at a later step.
template <class Params>
Stage stage(const Params& params, Parameter parameter = Parameter::lr, std::string type = {});

// The parameters of mmengine's schedulers, with upstream's names and defaults. A config names each
// as XxxLR, XxxMomentum or XxxParamScheduler (with param_name). A new one needs a struct,
// describe() and rule(), in_iterations() if it has counts of epochs besides the window, and its
// name in BuiltinSchedulers.

/// Multiplies by `factor` at begin, and by 1 / factor at the last step of the window.
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

/// Half a cosine from the value at begin towards eta_min, which it reaches T_max steps after begin.
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

/// Half cosines one after the other. Each starts at a weight times the initial value.
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

/// Falls with a power of the remaining steps to eta_min at the last step of the window.
struct PolyParamScheduler {
  static constexpr std::string_view family = "Poly";

  double eta_min = 0.0;
  double power = 1.0;
  Window window = {};
};
void describe(Schema<PolyParamScheduler>& schema);
Rule rule(const PolyParamScheduler& params);

/// A number that a config must write as a float: upstream refuses the int 1.
struct Fraction {
  double value = 0.0;
};

/// Rises to eta_max and falls again. The values of the optimizer do not matter.
struct OneCycleParamScheduler {
  static constexpr std::string_view family = "OneCycle";
  static constexpr bool lr_only = true;

  PerGroup eta_max = 0.0;
  std::optional<std::int64_t> total_steps = {};  // None: end - begin
  Fraction pct_start = {0.3};                    // fraction of the steps in which the value rises
  std::string anneal_strategy = "cos";
  double div_factor = 25.0;       // the first value is eta_max / div_factor
  double final_div_factor = 1e4;  // the last value is the first / final_div_factor
  bool three_phase = false;
  Window window = {};
};
void describe(Schema<OneCycleParamScheduler>& schema);
Rule rule(const OneCycleParamScheduler& params);
void in_iterations(OneCycleParamScheduler& params, double epoch_length);
void add_to(Stage& stage, const OneCycleParamScheduler& params);

/// Multiplies by factor after `patience` validations without an improvement of a metric.
struct ReduceOnPlateauParamScheduler {
  static constexpr std::string_view family = "ReduceOnPlateau";

  std::string monitor = "loss";
  std::string rule = "less";  // which metric is better
  double factor = 0.1;
  std::int64_t patience = 10;
  double threshold = 1e-4;
  std::string threshold_rule = "rel";
  std::int64_t cooldown = 0;  // validations to ignore after a reduction
  PerGroup min_value = 0.0;
  double eps = 1e-8;  // a smaller change is not made
  Window window = {};
};
void describe(Schema<ReduceOnPlateauParamScheduler>& schema);
Rule rule(const ReduceOnPlateauParamScheduler& params);
void add_to(Stage& stage, const ReduceOnPlateauParamScheduler& params);

/// mmdet's warm-up: the initial value times the square of the completed fraction of the window.
struct QuadraticWarmupParamScheduler {
  static constexpr std::string_view family = "QuadraticWarmup";
  static constexpr bool whole_iterations = false;  // conversion does not truncate begin and end

  Window window = {};
};
void describe(Schema<QuadraticWarmupParamScheduler>& schema);
Rule rule(const QuadraticWarmupParamScheduler& params);

/// mmpretrain's cosine of the weight decay. It does not change groups with weight decay 0.
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

/// The schedulers that a config can name.
using BuiltinSchedulers =
    std::tuple<ConstantParamScheduler, LinearParamScheduler, CosineAnnealingParamScheduler,
               CosineRestartParamScheduler, ExponentialParamScheduler, MultiStepParamScheduler,
               StepParamScheduler, PolyParamScheduler, OneCycleParamScheduler,
               ReduceOnPlateauParamScheduler, QuadraticWarmupParamScheduler,
               CosineAnnealingWeightDecay>;

}  // namespace pinfeed
