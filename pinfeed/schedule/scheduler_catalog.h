// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/config/catalog.h"
#include "pinfeed/config/schema.h"
#include "pinfeed/schedule/schedulers.h"
#include "pinfeed/schedule/train_length.h"

namespace pinfeed {

/// Accepts a float only, not an int.
template <>
struct Converter<Fraction> {
  static Fraction from(const Value& value, const std::string& path);
  static std::string wanted() { return "float"; }
  static Value shown(Fraction fraction) { return fraction.value; }
};

/// The window in iterations instead of epochs; `truncate` rounds begin and end down to whole
/// iterations (docs/specs/openmmlab-runtime.md, 1.5). Throws Error(config) when the window counts
/// iterations already.
Window in_iterations(const Window& window, double epoch_length, bool truncate);
/// Throws Error(config) when the window is empty.
void check_window(const Window& window);
/// The parameter that a param_name chooses. Throws Error(config) for another name.
Parameter parameter_named(const std::string& param_name);
/// Throws Error(config) when `parameter` is not lr.
void require_lr(Parameter parameter, const std::string& type);

/// "LinearParamScheduler", or the only name of a scheduler that has no family.
template <class Params>
std::string name_of_generic() {
  if constexpr (requires { Params::name; }) {
    return std::string(Params::name);
  } else {
    return std::string(Params::family) + "ParamScheduler";
  }
}

/// A scheduler and, for XxxParamScheduler, the name of the parameter that it changes.
template <class Params>
struct NamedScheduler {
  std::string param_name = {};
  Params params = {};
};

template <class Params>
Schema<NamedScheduler<Params>> scheduler_schema(std::string_view ending, bool generic) {
  Schema<NamedScheduler<Params>> schema(std::string(Params::family) + std::string(ending));
  if (generic) {
    schema.required("param_name", &NamedScheduler<Params>::param_name,
                    "what to change: lr, momentum or weight_decay");
  }
  Schema<Params> own{std::string()};
  describe(own);
  return schema.summary(own.doc().summary).include(&NamedScheduler<Params>::params);
}

/// The keys of a stage's parameters, and how to make the stage again with those of a checkpoint.
struct StageSettings {
  Dict keys = {};
  std::function<Stage(const Value& settings)> make = {};
};

template <class Params>
Stage stage(const Params& params, Parameter parameter, std::string type) {
  if constexpr (requires { Params::parameter; }) parameter = Params::parameter;
  if (type.empty()) type = name_of_generic<Params>();
  check_window(params.window);
  Schema<Params> schema(type);
  describe(schema);
  Stage made{.type = type,
             .parameter = parameter,
             .by_epoch = params.window.by_epoch,
             .begin = params.window.begin,
             .end = params.window.end,
             .last_step = params.window.last_step,
             .rule = rule(params)};
  if constexpr (requires { add_to(made, params); }) add_to(made, params);
  made.settings = std::make_shared<const StageSettings>(StageSettings{
      .keys = schema.shown(params), .make = [type, parameter, schema](const Value& settings) {
        return stage(schema.parse(settings, ""), parameter, type);
      }});
  return made;
}

/// Whether conversion truncates begin and end to whole iterations, as mmengine's schedulers do.
template <class Params>
constexpr bool truncates_window = !requires {
  Params::whole_iterations;
};

/// The parameters with all counts of epochs converted to iterations, if convert_to_iter_based is
/// set. Throws Error(config) when the length of an epoch is not known.
template <class Params>
Params converted(Params params, const TrainLength& length) {
  if (!params.window.convert_to_iter_based) return params;
  const auto batches = static_cast<double>(known_epoch_length(length));
  params.window = in_iterations(params.window, batches, truncates_window<Params>);
  if constexpr (requires { in_iterations(params, batches); }) in_iterations(params, batches);
  return params;
}

/// Schedulers by name. `add<T>()` adds a struct of parameters like those in schedulers.h.
class SchedulerCatalog : public Catalog<Stage, TrainLength> {
 public:
  SchedulerCatalog() : Catalog("scheduler") {}

  /// Adds T under XxxLR, XxxMomentum and XxxParamScheduler; without XxxMomentum if it has
  /// `lr_only`, and under its own name if it has one.
  template <class T>
  void add() {
    if constexpr (requires { T::name; }) {
      add_schema(schema_of<T>(), [](const T& params, const TrainLength& length) {
        return stage(converted(params, length), T::parameter);
      });
    } else {
      add_family<T>("LR", Parameter::lr);
      if constexpr (!requires { T::lr_only; }) add_family<T>("Momentum", Parameter::momentum);
      add_family<T>("ParamScheduler", std::nullopt);
    }
  }

 private:
  template <class T>
  void add_family(std::string_view ending, std::optional<Parameter> parameter) {
    Schema<NamedScheduler<T>> schema = scheduler_schema<T>(ending, !parameter);
    const std::string type = schema.doc().name;
    add_schema(std::move(schema), [type, parameter](const NamedScheduler<T>& named,
                                                    const TrainLength& length) {
      const Parameter changed = parameter ? *parameter : parameter_named(named.param_name);
      if constexpr (requires { T::lr_only; }) require_lr(changed, type);
      return stage(converted(named.params, length), changed, type);
    });
  }
};

/// The schedulers of BuiltinSchedulers.
SchedulerCatalog builtin_schedulers();
/// The documentation that `pinfeed list scheduler` prints.
std::vector<PartDoc> scheduler_docs();

}  // namespace pinfeed
