// SPDX-License-Identifier: Apache-2.0
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "pinfeed/config/value/value.h"
#include "pinfeed/core/error.h"
#include "pinfeed/python/bindings.h"
#include "pinfeed/python/config_binding.h"
#include "pinfeed/python/python_tensor.h"
#include "pinfeed/python/python_values.h"
#include "pinfeed/schedule/config_schedule.h"

namespace pinfeed::python {
namespace {

TrainLength length_of(const Value& root, std::optional<std::int64_t> epoch_length) {
  if (epoch_length && *epoch_length < 1) {
    throw Error(ErrorKind::config,
                "epoch_length is " + std::to_string(*epoch_length) + "; it must be at least 1");
  }
  if (!epoch_length && needs_epoch_length(root)) {
    throw Error(ErrorKind::config, "the schedule counts epochs: their length is needed")
        .help("pass epoch_length=len(loader)");
  }
  return train_length(root, epoch_length);
}

// A column of float64 for each value that is scheduled, by its name, and the epoch.
nb::dict table(nb::handle mapping, nb::handle read, std::optional<std::int64_t> epoch_length) {
  const Value root = root_of(mapping, read);
  ConfigSchedule config = config_schedule("", root, length_of(root, epoch_length));
  const std::vector<ScheduleColumn> columns = columns_of(config, false);
  const Shape rows = {iterations_of(config.length)};
  std::vector<Tensor> values;
  for (std::size_t i = 0; i < columns.size(); ++i)
    values.push_back(Tensor::empty(DType::float64, rows));
  const Tensor epochs = Tensor::empty(DType::int64, rows);
  simulate(config.schedules, config.length, [&](std::int64_t iteration, std::int64_t epoch) {
    epochs.data_as<std::int64_t>()[iteration] = epoch;
    for (std::size_t i = 0; i < columns.size(); ++i)
      values[i].data_as<double>()[iteration] = columns[i].value(config.schedules);
  });
  nb::dict made;
  for (std::size_t i = 0; i < columns.size(); ++i)
    made[columns[i].name.c_str()] = tensor_object(values[i], nullptr);
  made["epoch"] = tensor_object(epochs, nullptr);
  return made;
}

// lr, momentum (or betas[0]) and weight decay of a group; None where the optimizer has none.
using Group = std::tuple<double, std::optional<double>, std::optional<double>>;

Schedule schedule_of(nb::handle mapping, nb::handle read, std::optional<std::int64_t> epoch_length,
                     const std::vector<Group>& groups) {
  const Value root = root_of(mapping, read);
  const std::vector<ScheduledOptimizer> optimizers =
      scheduled_optimizers(root, length_of(root, epoch_length));
  if (optimizers.size() != 1) {
    throw Error(ErrorKind::config, "the config has " + std::to_string(optimizers.size()) +
                                       " optimizers; a scheduler drives one");
  }
  std::vector<GroupValues> values;
  for (const auto& [lr, momentum, weight_decay] : groups)
    values.push_back({.lr = lr, .momentum = momentum, .weight_decay = weight_decay});
  return {optimizers[0].stages, values};
}

std::vector<Group> values_of(const Schedule& self) {
  std::vector<Group> groups;
  for (const GroupValues& group : self.values())
    groups.emplace_back(group.lr, group.momentum, group.weight_decay);
  return groups;
}

}  // namespace

void bind_schedule(nb::module_& module) {
  module.def("schedule", &table, nb::arg("root"), nb::arg("read").none(),
             nb::arg("epoch_length").none());
  module.def(
      "counts_epochs",
      [](nb::handle mapping, nb::handle read) {
        return train_length(root_of(mapping, read), std::nullopt).by_epoch;
      },
      nb::arg("root"), nb::arg("read").none());
  nb::class_<Schedule>(module, "ScheduleCore", "The schedule behind pinfeed.LRScheduler.")
      .def(
          "__init__",
          [](Schedule* self, nb::handle mapping, nb::handle read,
             std::optional<std::int64_t> epoch_length, const std::vector<Group>& groups) {
            new (self) Schedule(schedule_of(mapping, read, epoch_length, groups));
          },
          nb::arg("root"), nb::arg("read").none(), nb::arg("epoch_length").none(),
          nb::arg("groups"))
      .def("after_iteration", &Schedule::after_iteration)
      .def("after_epoch", &Schedule::after_epoch)
      .def("after_validation",
           [](Schedule& self, const std::vector<std::pair<std::string, double>>& metrics) {
             self.after_validation(metrics);
           })
      .def("values", &values_of)
      .def("moves_momentum", [](const Schedule& self) { return self.moves(Parameter::momentum); })
      .def("moves_weight_decay",
           [](const Schedule& self) { return self.moves(Parameter::weight_decay); })
      .def("state", [](const Schedule& self) { return object_of(self.state()); })
      .def("load", [](Schedule& self, nb::handle state) { self.load(value_of(state, "state")); });
}

}  // namespace pinfeed::python
