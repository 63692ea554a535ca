// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pinfeed {

/// Numbers by name, in the order in which they are logged.
using Scalars = std::vector<std::pair<std::string, double>>;

/// The value of this name; null without one.
inline const double* value_of(const Scalars& scalars, std::string_view name) {
  for (const auto& [key, value] : scalars) {
    if (key == name) return &value;
  }
  return nullptr;
}

/// The names, in their order.
inline std::vector<std::string> names_of(const Scalars& scalars) {
  std::vector<std::string> names;
  for (const auto& [name, value] : scalars) names.push_back(name);
  return names;
}

/// The position of a log line in the run. Counts begin at 1.
struct LogPosition {
  std::string mode = "train";  // or "val", or "test", which has no epoch
  bool by_epoch = true;
  std::int64_t epoch = 1;
  std::int64_t max_epochs = 1;
  std::int64_t iteration = 1;   // of the epoch, or of the run in an iteration loop
  std::int64_t iterations = 1;  // of the epoch or of the run
};

/// The content of one log line.
struct LogLine {
  LogPosition position = {};
  Scalars rates = {};  // base_lr, lr
  std::optional<double> eta_seconds = {};
  std::optional<double> time = {};
  std::optional<double> data_time = {};
  std::optional<std::int64_t> memory_mib = {};  // of the device
  Scalars others = {};
  int digits = 4;
};

/// The line of a step in the format of OpenMMLab (docs/specs/openmmlab-runtime.md, 6):
/// "Epoch(train)  [1][ 50/100] lr: 1.0000e-04  eta: 0:01:02  time: 0.1234  data_time: 0.0012
/// loss: 1.2345".
std::string log_text(const LogLine& line);
/// The line that ends a validation: metrics first, the times last.
std::string metrics_text(const LogLine& line);

/// One line of the JSON log: everything unrounded, null for a number that is not finite, then
/// `epoch` (in an epoch loop), `iter`, `memory` and `step`.
std::string log_json(const LogLine& line, std::int64_t iteration, std::int64_t step);
/// The same for metrics, with `step` alone.
std::string metrics_json(const LogLine& line, std::int64_t step);

}  // namespace pinfeed
