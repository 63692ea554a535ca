// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pinfeed/schedule/menu.h"

namespace pinfeed {

/// Epochs turned into iterations, begin and end cut to whole ones (specs runtime 1.5). Throws
/// Error(config) when the window counts iterations already.
Window in_iterations(const Window& window, double epoch_length);
/// Throws Error(config) when the window is empty.
void check_window(const Window& window);
/// Throws Error(config) naming what can be scheduled.
Parameter parameter_named(const std::string& param_name);
/// The batches of an epoch. Throws Error(config) when they are not known.
double known_epoch_length(const TrainLength& length);

/// A scheduler and, in the generic family, the name of what it moves.
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
                    "what to move: lr, momentum or weight_decay");
  }
  Schema<Params> own{std::string()};
  describe(own);
  return schema.summary(own.doc().summary).include(&NamedScheduler<Params>::params);
}

/// The stage of a scheduler whose counts are what `by_epoch` says:
/// `stage(LinearParamScheduler{...})`.
template <class Params>
Stage stage(const Params& params, Parameter parameter = Parameter::lr, std::string type = {}) {
  if (type.empty()) type = std::string(Params::family) + "ParamScheduler";
  check_window(params.window);
  Schema<Params> schema(type);
  describe(schema);
  Stage made{.type = type,
             .parameter = parameter,
             .by_epoch = params.window.by_epoch,
             .begin = params.window.begin,
             .end = params.window.end,
             .last_step = params.window.last_step,
             .rule = rule(params),
             .settings = schema.shown(params)};
  made.with = [type, parameter, schema](const Value& settings) {
    return stage(schema.parse(settings, ""), parameter, type);
  };
  return made;
}

/// The parameters with counts of epochs turned into iterations, if they ask for it.
template <class Params>
Params converted(Params params, const TrainLength& length) {
  if (!params.window.convert_to_iter_based) return params;
  const double batches = known_epoch_length(length);
  params.window = in_iterations(params.window, batches);
  if constexpr (requires { in_iterations(params, batches); }) in_iterations(params, batches);
  return params;
}

/// Schedulers by name. Open: `add<T>()` takes a struct like those of the menu.
class SchedulerCatalog : public Catalog<Stage, TrainLength> {
 public:
  SchedulerCatalog() : Catalog("scheduler") {}

  /// Adds the three names of T.
  template <class T>
  void add() {
    add_family<T>("LR", Parameter::lr);
    add_family<T>("Momentum", Parameter::momentum);
    add_family<T>("ParamScheduler", std::nullopt);
  }

 private:
  template <class T>
  void add_family(std::string_view ending, std::optional<Parameter> parameter) {
    Schema<NamedScheduler<T>> schema = scheduler_schema<T>(ending, !parameter);
    const std::string type = schema.doc().name;
    add_schema(std::move(schema),
               [type, parameter](const NamedScheduler<T>& named, const TrainLength& length) {
                 const Parameter moved = parameter ? *parameter : parameter_named(named.param_name);
                 return stage(converted(named.params, length), moved, type);
               });
  }
};

/// The schedulers of the menu.
SchedulerCatalog builtin_schedulers();
/// What `pinfeed list scheduler` shows.
std::vector<PartDoc> scheduler_docs();

}  // namespace pinfeed
