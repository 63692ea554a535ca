// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine/optim/scheduler/param_scheduler.py, build_iter_from_epoch
// (docs/specs/openmmlab-runtime.md, 1.5).
//
// Conversion of epochs to iterations (convert_to_iter_based). Upstream multiplies begin, end and
// the counts of a scheduler's own (milestones, periods, T_max, ...) by the number of batches of an
// epoch, and steps the scheduler after each iteration from then on. begin and end are truncated to
// whole iterations, which matters for windows of fractional epochs; other counts are not, so a
// milestone at 1.5 epochs of 5 batches is 7.5 and never reached. An `end` that stands for infinity
// stays. Factors per step, such as gamma, are not converted: they act once per iteration
// afterwards.
//
// A type is `family + ending`: LinearLR and LinearMomentum name the parameter, LinearParamScheduler
// reads it from param_name. All three share one struct, one description and one rule.
#include "pinfeed/schedule/scheduler_catalog.h"

#include <cmath>

#include "pinfeed/config/value/number_text.h"
#include "pinfeed/schedule/warmup_hooks.h"

namespace pinfeed {
namespace {

template <class... Ts>
void add_all(SchedulerCatalog& catalog, const std::tuple<Ts...>*) {
  (catalog.add<Ts>(), ...);
}

}  // namespace

Fraction Converter<Fraction>::from(const Value& value, const std::string& path) {
  if (!value.is_float()) throw wrong_type(value, path, wanted());
  return {value.real()};
}

Window in_iterations(const Window& window, double epoch_length, bool truncate) {
  if (!window.by_epoch) {
    throw Error(ErrorKind::config,
                "convert_to_iter_based needs by_epoch=True: there is nothing to convert")
        .help("drop convert_to_iter_based; begin and end count iterations already");
  }
  Window iterations = window;
  iterations.by_epoch = false;
  iterations.convert_to_iter_based = false;
  iterations.begin = window.begin * epoch_length;
  if (window.end != Window::forever) iterations.end = window.end * epoch_length;
  if (!truncate) return iterations;
  iterations.begin = std::trunc(iterations.begin);
  iterations.end = std::trunc(iterations.end);
  return iterations;
}

void check_window(const Window& window) {
  if (window.end > window.begin) return;
  throw Error(ErrorKind::config, "the window is empty: end is " + python_text(window.end) +
                                     ", begin is " + python_text(window.begin))
      .help("end must be greater than begin, in " +
            std::string(window.by_epoch ? "epochs" : "iterations"));
}

Parameter parameter_named(const std::string& param_name) {
  if (param_name == "lr") return Parameter::lr;
  if (param_name == "momentum") return Parameter::momentum;
  if (param_name == "weight_decay") return Parameter::weight_decay;
  throw Error(ErrorKind::config, "param_name is '" + param_name + "', which is not scheduled here")
      .help("param_name can be lr, momentum or weight_decay");
}

void require_lr(Parameter parameter, const std::string& type) {
  if (parameter == Parameter::lr) return;
  throw Error(ErrorKind::config, type + " changes lr only, not " + name_of(parameter))
      .help("set param_name='lr'");
}

SchedulerCatalog builtin_schedulers() {
  SchedulerCatalog catalog;
  add_all(catalog, static_cast<const BuiltinSchedulers*>(nullptr));
  return catalog;
}

std::vector<PartDoc> scheduler_docs() {
  std::vector<PartDoc> docs = builtin_schedulers().docs();
  for (PartDoc& doc : warmup_hook_docs()) docs.push_back(std::move(doc));
  return docs;
}

// Instantiations for code that includes schedulers.h without the config.
template Stage stage(const ConstantParamScheduler&, Parameter, std::string);
template Stage stage(const LinearParamScheduler&, Parameter, std::string);
template Stage stage(const CosineAnnealingParamScheduler&, Parameter, std::string);
template Stage stage(const CosineRestartParamScheduler&, Parameter, std::string);
template Stage stage(const ExponentialParamScheduler&, Parameter, std::string);
template Stage stage(const MultiStepParamScheduler&, Parameter, std::string);
template Stage stage(const StepParamScheduler&, Parameter, std::string);
template Stage stage(const PolyParamScheduler&, Parameter, std::string);
template Stage stage(const OneCycleParamScheduler&, Parameter, std::string);
template Stage stage(const ReduceOnPlateauParamScheduler&, Parameter, std::string);
template Stage stage(const QuadraticWarmupParamScheduler&, Parameter, std::string);
template Stage stage(const CosineAnnealingWeightDecay&, Parameter, std::string);

}  // namespace pinfeed
