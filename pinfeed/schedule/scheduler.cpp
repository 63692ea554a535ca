// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schedule/scheduler.h"

#include <cmath>

#include "pinfeed/config/number_text.h"

namespace pinfeed {
namespace {

template <class... Ts>
void add_all(SchedulerCatalog& catalog, const std::tuple<Ts...>*) {
  (catalog.add<Ts>(), ...);
}

}  // namespace

Window in_iterations(const Window& window, double epoch_length) {
  if (!window.by_epoch) {
    throw Error(ErrorKind::config,
                "convert_to_iter_based needs by_epoch=True: there is nothing to convert")
        .help("drop convert_to_iter_based; begin and end count iterations already");
  }
  Window iterations = window;
  iterations.by_epoch = false;
  iterations.convert_to_iter_based = false;
  iterations.begin = std::trunc(window.begin * epoch_length);
  if (window.end != Window::forever) iterations.end = std::trunc(window.end * epoch_length);
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

double known_epoch_length(const TrainLength& length) {
  if (!length.epoch_length) {
    throw Error(ErrorKind::config, "convert_to_iter_based needs the number of batches of an epoch")
        .help("give --epoch-length N");
  }
  if (*length.epoch_length <= 0) {
    throw Error(ErrorKind::config, "the train loader has no batches: an epoch has length " +
                                       std::to_string(*length.epoch_length));
  }
  return static_cast<double>(*length.epoch_length);
}

SchedulerCatalog builtin_schedulers() {
  SchedulerCatalog catalog;
  add_all(catalog, static_cast<const BuiltinSchedulers*>(nullptr));
  return catalog;
}

std::vector<PartDoc> scheduler_docs() { return builtin_schedulers().docs(); }

}  // namespace pinfeed
