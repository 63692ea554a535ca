// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schedule/schedulers.h"

#include <algorithm>

#include "pinfeed/schedule/scheduler_catalog.h"

namespace pinfeed {
namespace {

// The keys of the schedulers that follow one half cosine.
template <class Cosine>
void describe_cosine(Schema<Cosine>& schema) {
  schema.optional("T_max", &Cosine::T_max, "steps to eta_min; None: end - begin")
      .optional("eta_min", &Cosine::eta_min, "lowest value; None: 0")
      .optional("eta_min_ratio", &Cosine::eta_min_ratio,
                "lowest value as a fraction of the initial one")
      .check([](const Cosine& params) {
        if (!params.eta_min || !params.eta_min_ratio) return;
        throw Error(ErrorKind::config, "eta_min and eta_min_ratio are both given")
            .help("keep one of them");
      })
      .include(&Cosine::window);
}

void require_one_of(const std::string& key, const std::string& word,
                    const std::vector<std::string>& words) {
  if (std::find(words.begin(), words.end(), word) != words.end()) return;
  throw Error(ErrorKind::config,
              key + " is '" + word + "'; it must be '" + words[0] + "' or '" + words[1] + "'");
}

void check_restarts(const CosineRestartParamScheduler& params) {
  if (params.eta_min.has_value() == params.eta_min_ratio.has_value()) {
    const std::string which = params.eta_min ? "both" : "neither";
    throw Error(ErrorKind::config,
                "one of eta_min and eta_min_ratio is needed; " + which + " is given")
        .help(params.eta_min ? "keep one of them" : "eta_min=0 lets each half cosine end at 0");
  }
  if (params.periods.size() != params.restart_weights.size()) {
    throw Error(ErrorKind::config, std::to_string(params.periods.size()) + " periods have " +
                                       std::to_string(params.restart_weights.size()) +
                                       " restart_weights")
        .help("write a weight for each period");
  }
}

void check_plateau(const ReduceOnPlateauParamScheduler& params) {
  require_one_of("rule", params.rule, {"less", "greater"});
  require_one_of("threshold_rule", params.threshold_rule, {"rel", "abs"});
  if (params.factor >= 1) {
    throw Error(ErrorKind::config,
                "factor is " + repr(params.factor) + "; it must be less than 1 to reduce anything");
  }
  if (params.window.by_epoch && !params.window.convert_to_iter_based) return;
  throw Error(ErrorKind::config, "a plateau is found by validations, which count epochs")
      .help("drop by_epoch=False and convert_to_iter_based");
}

}  // namespace

void describe(Schema<Window>& schema) {
  schema.optional("begin", &Window::begin, "first step")
      .optional("end", &Window::end,
                "first step after the window; if absent, the end of the training")
      .optional("by_epoch", &Window::by_epoch, "counts are epochs, not iterations")
      .optional("convert_to_iter_based", &Window::convert_to_iter_based,
                "counts are epochs, but the scheduler steps at each iteration")
      .optional("last_step", &Window::last_step, "steps that were taken already", at_least(-1))
      .accepted("verbose", "the log has the values");
}

void describe(Schema<ConstantParamScheduler>& schema) {
  schema.summary("Multiplies by a factor until the last step of the window.")
      .optional("factor", &ConstantParamScheduler::factor, "what to multiply by", between(0, 1))
      .include(&ConstantParamScheduler::window);
}

void describe(Schema<LinearParamScheduler>& schema) {
  schema.summary("A straight line between two factors; the usual warm-up.")
      .optional("start_factor", &LinearParamScheduler::start_factor, "factor at begin",
                between(0, 1))
      .optional("end_factor", &LinearParamScheduler::end_factor, "factor at end - 1", between(0, 1))
      .include(&LinearParamScheduler::window);
}

void describe(Schema<CosineAnnealingParamScheduler>& schema) {
  schema.summary("Half a cosine from the current value towards eta_min.");
  describe_cosine(schema);
}

void describe(Schema<CosineRestartParamScheduler>& schema) {
  using Restart = CosineRestartParamScheduler;
  schema.summary("Half cosines; each starts at a weight times the initial value.")
      .required("periods", &Restart::periods, "steps of each half cosine")
      .optional("restart_weights", &Restart::restart_weights, "weight of each start")
      .optional("eta_min", &Restart::eta_min, "lowest value; this or eta_min_ratio is needed")
      .optional("eta_min_ratio", &Restart::eta_min_ratio,
                "lowest value as a fraction of the initial one")
      .check(check_restarts)
      .include(&Restart::window);
}

void describe(Schema<ExponentialParamScheduler>& schema) {
  schema.summary("Multiplies by gamma at every step.")
      .required("gamma", &ExponentialParamScheduler::gamma, "what to multiply by")
      .include(&ExponentialParamScheduler::window);
}

void describe(Schema<MultiStepParamScheduler>& schema) {
  schema.summary("Multiplies by gamma at each milestone.")
      .required("milestones", &MultiStepParamScheduler::milestones, "steps, counted from begin")
      .optional("gamma", &MultiStepParamScheduler::gamma, "what to multiply by")
      .include(&MultiStepParamScheduler::window);
}

void describe(Schema<StepParamScheduler>& schema) {
  schema.summary("Multiplies by gamma every step_size steps.")
      .required("step_size", &StepParamScheduler::step_size, "steps from one drop to the next")
      .optional("gamma", &StepParamScheduler::gamma, "what to multiply by")
      .include(&StepParamScheduler::window);
}

void describe(Schema<PolyParamScheduler>& schema) {
  schema.summary("Falls with a power of the remaining steps to eta_min at the last step.")
      .optional("eta_min", &PolyParamScheduler::eta_min, "value at end - 1")
      .optional("power", &PolyParamScheduler::power, "1: a straight line", at_least(0))
      .include(&PolyParamScheduler::window);
}

void describe(Schema<OneCycleParamScheduler>& schema) {
  using Cycle = OneCycleParamScheduler;
  schema.summary("Rises to eta_max and falls again, whatever the lr of the optimizer is.")
      .optional("eta_max", &Cycle::eta_max, "highest value, of all groups or of each")
      .optional("total_steps", &Cycle::total_steps, "steps of the cycle; None: end - begin",
                count_from(1))
      .optional("pct_start", &Cycle::pct_start, "fraction of the steps in which the value rises")
      .optional("anneal_strategy", &Cycle::anneal_strategy, "'cos' or 'linear'")
      .optional("div_factor", &Cycle::div_factor, "the first value is eta_max / div_factor")
      .optional("final_div_factor", &Cycle::final_div_factor,
                "the last value is the first / final_div_factor")
      .optional("three_phase", &Cycle::three_phase, "fall to the first value, then to the last")
      .check([](const Cycle& params) {
        require_one_of("anneal_strategy", params.anneal_strategy, {"cos", "linear"});
      })
      .include(&Cycle::window);
}

void describe(Schema<ReduceOnPlateauParamScheduler>& schema) {
  using Plateau = ReduceOnPlateauParamScheduler;
  schema.summary("Multiplies by factor when a metric of the validation does not improve.")
      .optional("monitor", &Plateau::monitor, "the metric")
      .optional("rule", &Plateau::rule, "which metric is better: 'less' or 'greater'")
      .optional("factor", &Plateau::factor, "what to multiply by, less than 1")
      .optional("patience", &Plateau::patience, "validations to wait")
      .optional("threshold", &Plateau::threshold, "smallest improvement that counts", at_least(0))
      .optional("threshold_rule", &Plateau::threshold_rule, "'rel' or 'abs'")
      .optional("cooldown", &Plateau::cooldown, "validations to ignore after a reduction")
      .optional("min_value", &Plateau::min_value, "lowest value, of all groups or of each")
      .optional("eps", &Plateau::eps, "smallest change that is made")
      .check(check_plateau)
      .include(&Plateau::window);
}

void describe(Schema<QuadraticWarmupParamScheduler>& schema) {
  schema.summary("mmdet's quadratic warm-up to the initial value.")
      .include(&QuadraticWarmupParamScheduler::window);
}

void describe(Schema<CosineAnnealingWeightDecay>& schema) {
  schema.summary(
      "mmpretrain's half cosine of the weight decay; groups with weight decay 0 keep it.");
  describe_cosine(schema);
}

}  // namespace pinfeed
